"""How Verify starts, stops and is checked on one machine.

Nothing here imports a Django app: this code runs before Django is set up, and without it.
"""
