from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["table", "-placed_at"], name="order_of_table"),
        ),
        migrations.AddIndex(
            model_name="order",
            index=models.Index(fields=["client_ref"], name="order_by_client_ref"),
        ),
    ]
