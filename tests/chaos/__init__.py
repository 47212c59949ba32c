"""What must hold whatever dies: experiments on the running product, and a checker of its own.

Nothing in here imports an app. It speaks to the product over HTTP, by signals, and to its servers.
"""
