"""The check of the migrations in continuous integration: what the repository uses, how it installs itself, the job and its files.

The files are written once, with the migrations, and belong to the team from then on. They hold what was found out about this
repository (its installer, its Python, its database server), lie partly above the project's folder, and do nothing but call
`python -m migrations.adopt check`, which the template owns; so `copier update` has nothing to renew in them, and one that the team
has taken out stays out.
"""
