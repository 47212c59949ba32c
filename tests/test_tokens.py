"""What a bearer token costs and opens: one read for token, user and roles, and no write."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from conftest import assert_problem

pytestmark = pytest.mark.usefixtures("menu")

ASKED = "/api/v1/settings/"


def ask(token: str) -> Any:
    return APIClient().get(ASKED, headers={"Authorization": f"Bearer {token}"})


def test_token_user_and_roles_are_one_read_and_nothing_is_written(
    make_user: Callable[..., User],
) -> None:
    user = make_user("cook")
    user.groups.add(Group.objects.get(name="waiter"))
    _, token = AuthToken.objects.create(user=user)
    for _ in range(3):
        AuthToken.objects.create(user=user, expiry=timedelta(days=-1))
    with CaptureQueriesContext(connection) as sent:
        assert ask(token).status_code == 200
    statements = [query["sql"] for query in sent]
    assert len(statements) == 2, statements
    assert "knox_authtoken" in statements[0]
    assert "kitchen_kitchensettings" in statements[1]


def test_every_group_of_the_user_counts(make_user: Callable[..., User]) -> None:
    user = make_user("app")
    user.groups.add(Group.objects.get_or_create(name="of no role")[0])
    _, token = AuthToken.objects.create(user=user)
    assert_problem(ask(token), 403, "forbidden")
    user.groups.add(Group.objects.get_or_create(name="cook")[0])
    assert ask(token).status_code == 200


def test_a_superuser_without_any_group_is_a_manager() -> None:
    _, token = AuthToken.objects.create(user=User.objects.create_superuser("owner"))
    assert ask(token).status_code == 200


def test_a_token_opens_nothing_once_its_time_is_over(make_user: Callable[..., User]) -> None:
    known, token = AuthToken.objects.create(user=make_user("cook"), expiry=timedelta(days=1))
    assert ask(token).status_code == 200
    AuthToken.objects.filter(pk=known.pk).update(expiry=timezone.now())
    assert_problem(ask(token), 401, "not_authenticated")


def test_a_token_without_an_expiry_goes_on(make_user: Callable[..., User]) -> None:
    _, token = AuthToken.objects.create(user=make_user("cook"), expiry=None)
    assert ask(token).status_code == 200


def test_what_is_stored_of_a_token_opens_nothing(make_user: Callable[..., User]) -> None:
    known, token = AuthToken.objects.create(user=make_user("cook"))
    for wrong in (known.digest, known.token_key, token[:-1], f"{token}0", token.upper()):
        assert_problem(ask(wrong), 401, "not_authenticated")
