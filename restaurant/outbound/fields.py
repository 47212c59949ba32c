"""The address of somebody else's server, in the body of a request."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rest_framework import serializers

from restaurant.fields import StrictCharField
from restaurant.outbound.addresses import LONGEST, NotOutside, checked_url, known_outside

#: Seconds that a name server has while a request waits.
PATIENCE = 2.0

lookers = ThreadPoolExecutor(4, thread_name_prefix="look-up")


class OutsideUrlField(StrictCharField):
    """An http or https URL outside of the house.

    With `look_up` its name is looked up; without, as where much is asked a second, only read.
    """

    def __init__(self, *, look_up: bool, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST, **kwargs)
        self.look_up = look_up

    def to_internal_value(self, data: Any) -> str:
        url = super().to_internal_value(data)
        try:
            if self.look_up:
                known_outside(url, lookers, PATIENCE)
            elif url:
                checked_url(url)
        except NotOutside as error:
            raise serializers.ValidationError(str(error), "refused_address") from error
        return url
