from decimal import Decimal

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kitchen", "0006_trays_know_whose_notes_they_have"),
    ]

    operations = [
        migrations.AddField(
            model_name="ticket",
            name="options",
            field=models.JSONField(
                default=list, help_text="What was chosen: code, name and Thai name of each."
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="name",
            field=models.CharField(max_length=200),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="name_th",
            field=models.CharField(max_length=200, verbose_name="Thai name"),
        ),
        migrations.CreateModel(
            name="OptionGroup",
            fields=[
                ("code", models.SlugField(max_length=64, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60)),
                ("name_th", models.CharField(max_length=60, verbose_name="Thai name")),
                (
                    "many",
                    models.BooleanField(
                        default=False,
                        help_text="Off: choose one. On: any of them.",
                        verbose_name="choose several",
                    ),
                ),
                (
                    "required",
                    models.BooleanField(
                        default=False,
                        help_text="Off: who chooses nothing gets the item as the menu has it.",
                    ),
                ),
                (
                    "place",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Its place among the groups."
                    ),
                ),
                (
                    "items",
                    models.ManyToManyField(
                        blank=True, related_name="option_groups", to="kitchen.menuitem"
                    ),
                ),
            ],
            options={
                "ordering": ["place", "code"],
            },
        ),
        migrations.CreateModel(
            name="Option",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=64, unique=True)),
                ("name", models.CharField(max_length=60)),
                ("name_th", models.CharField(max_length=60, verbose_name="Thai name")),
                (
                    "price",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("0"),
                        help_text="Added to the item's price; may be negative.",
                        max_digits=8,
                        verbose_name="price difference",
                    ),
                ),
                (
                    "available",
                    models.BooleanField(default=True, help_text="Off: 86, not to be ordered."),
                ),
                (
                    "place",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="Its place in the group."
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="options",
                        to="kitchen.optiongroup",
                    ),
                ),
            ],
            options={
                "ordering": ["place", "code"],
            },
        ),
        migrations.CreateModel(
            name="OptionStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        default=1, help_text="Its place in the track."
                    ),
                ),
                (
                    "prep_seconds",
                    models.PositiveIntegerField(
                        validators=[django.core.validators.MinValueValidator(1)]
                    ),
                ),
                (
                    "option",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="kitchen.option",
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="kitchen.zone"
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("option", "position"), name="one_option_step_per_place"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("prep_seconds__gte", 1)),
                        name="an_option_step_takes_time",
                    ),
                ],
            },
        ),
    ]
