import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kitchen", "0013_printers_and_what_comes_back"),
    ]

    operations = [
        migrations.CreateModel(
            name="Shop",
            fields=[
                ("code", models.SlugField(max_length=32, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=64)),
                ("name_th", models.CharField(max_length=64, verbose_name="Thai name")),
                (
                    "place",
                    models.PositiveSmallIntegerField(default=0, help_text="Its place in lists."),
                ),
            ],
            options={
                "ordering": ["place", "code"],
            },
        ),
        migrations.AddField(
            model_name="zone",
            name="shop",
            field=models.ForeignKey(
                blank=True,
                help_text="Whose it is; empty: the house's own.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="zones",
                to="kitchen.shop",
            ),
        ),
    ]
