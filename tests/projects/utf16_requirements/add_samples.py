import runpy

from flask import Flask

Flask.run = lambda *args, **kwargs: None  # make the tables as main.py does, without the server
main = runpy.run_path('main.py', run_name='__main__')

with main['app'].app_context():
    main['db'].session.add_all([main['Task'](text='Water the plants'), main['Task'](text='Sleep', done=True)])
    main['db'].session.commit()
