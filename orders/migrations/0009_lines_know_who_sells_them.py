from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0008_bills_are_paid"),
    ]

    operations = [
        migrations.AddField(
            model_name="orderline",
            name="shop",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Who sells it; empty: the house.",
                max_length=32,
            ),
        ),
        migrations.AddIndex(
            model_name="orderline",
            index=models.Index(
                condition=models.Q(("shop", ""), _negated=True),
                fields=["shop", "order"],
                name="line_of_shop",
            ),
        ),
    ]
