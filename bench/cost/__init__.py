"""What an order costs: CPU time, messages and transactions, beside bare Celery and bare DRF."""
