from models import Component


class BugForm:
    choices = [(component.id, component.name) for component in Component.query.order_by('name')]
    required = ('title', 'component')
