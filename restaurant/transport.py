"""kombu's transports, mended: registered by `celery.py` for the addresses of Redis and RabbitMQ."""

from typing import Any

from kombu.transport import pyamqp, redis

#: Seconds in which RabbitMQ must say that it has a message; it would be waited for without end.
CONFIRMED_WITHIN = 5.0


class Channel(redis.Channel):
    """Closes although Redis has gone away, and keeps its client."""

    _kept: Any = None

    def close(self) -> None:
        """Close the channel although the reply that it was waiting for can't be read any more.

        kombu 5.7.0: when Redis goes away, `Channel.close` raises out of the BRPOP in flight before
        the channel counts as closed; the consumer then closes it again, after its connection
        details were dropped, and the worker exits with "AttributeError: 'NoneType' object has no
        attribute 'hostname'". The second try, at once and with the details still there, has no
        BRPOP to wait for.
        """
        try:
            super().close()
        except Exception:
            if self.closed:
                raise
            super().close()

    def _create_client(self, asynchronous: bool = False) -> Any:
        """kombu makes a client for every command; a kept one costs an eighth less per message."""
        if asynchronous:
            return super()._create_client(asynchronous=True)  # type: ignore[misc]  # untyped
        if self._kept is None or self._kept.connection_pool is not self.pool:
            self._kept = super()._create_client()  # type: ignore[misc]
        return self._kept


class Transport(redis.Transport):
    """Redis as a broker."""

    Channel = Channel


class ConfirmedChannel(pyamqp.Channel):
    """Lets go of a RabbitMQ that is frozen."""

    def basic_publish_confirm(self, *args: Any, **more: Any) -> Any:
        # A closed channel has no connection any more, and says so by itself.
        within = getattr(self.connection, "confirmed_within", None)
        more["confirm_timeout"] = more.get("confirm_timeout") or within
        return super().basic_publish_confirm(*args, **more)


class ConfirmedConnection(pyamqp.Connection):
    """Takes `confirmed_within` from the transport's options."""

    Channel = ConfirmedChannel

    def __init__(self, *args: Any, confirmed_within: float = CONFIRMED_WITHIN, **more: Any) -> None:
        super().__init__(*args, **more)
        self.confirmed_within = confirmed_within


class RabbitMQ(pyamqp.Transport):
    """RabbitMQ as a broker."""

    Connection = ConfirmedConnection


class RabbitMQOverTLS(pyamqp.SSLTransport):
    Connection = ConfirmedConnection
