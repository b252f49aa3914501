"""After `copier update`: what a version changes in a team's own code."""
