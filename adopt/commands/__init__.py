"""python -m migrations.adopt"""
