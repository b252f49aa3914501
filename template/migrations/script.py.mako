<%
    import os

    from alembic.util import load_python_file

    adopt = load_python_file(os.path.dirname(str(self.template.filename)), "adopt.py")
    names = adopt.module("history.skeleton").names(context.get("config"))
%>"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}

"""
from alembic import op
import sqlalchemy as sa
${imports if imports else ""}

# revision identifiers, used by Alembic.
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}
% if down_revision:
consents = None
% endif
% if names == [""]:


def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
% else:


def upgrade(engine_name):
    globals()["upgrade_%s" % engine_name]()


def downgrade(engine_name):
    globals()["downgrade_%s" % engine_name]()
% for name in names:


def upgrade_${name}():
    ${context.get(name + "_upgrades") or "pass"}


def downgrade_${name}():
    ${context.get(name + "_downgrades") or "pass"}
% endfor
% endif
