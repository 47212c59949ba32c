from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0003_each_filter_has_its_index"),
    ]

    operations = [
        migrations.AddField(
            model_name="orderline",
            name="options",
            field=models.JSONField(
                default=list, help_text="What was chosen: code, name and Thai name of each."
            ),
        ),
        migrations.AlterField(
            model_name="order",
            name="total",
            field=models.DecimalField(decimal_places=2, max_digits=14),
        ),
        migrations.AlterField(
            model_name="orderline",
            name="unit_price",
            field=models.DecimalField(
                decimal_places=2, help_text="With its options.", max_digits=10
            ),
        ),
    ]
