import django.contrib.postgres.fields
import django.db.models.deletion
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("study", "0002_order_of_effect"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ScheduleFit",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("reviews", models.PositiveIntegerField(help_text="Next-day reviews fitted to.")),
                ("accepted", models.BooleanField(help_text="The weights took effect.")),
                ("reason", models.CharField(max_length=200)),
                (
                    "weights",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.FloatField(), blank=True, null=True, size=21
                    ),
                ),
                ("log_loss_before", models.FloatField(help_text="Of all reviews, by the weights that were in force.")),
                ("log_loss_after", models.FloatField(help_text="By the weights found.")),
                ("rmse_bins_before", models.FloatField(help_text="In parts of 1.", verbose_name="RMSE (bins) before")),
                ("rmse_bins_after", models.FloatField(help_text="In parts of 1.", verbose_name="RMSE (bins) after")),
                ("params_version", models.PositiveIntegerField(help_text="The learner's, after the fit.")),
                (
                    "calibration",
                    models.JSONField(
                        help_text="By the weights in force after the fit: recall predicted, part recalled, reviews of each band."
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.DB_CASCADE,
                        related_name="fits",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "schedule_fits",
                "ordering": ["-made_at", "-pk"],
                "indexes": [models.Index(fields=["user", "made_at"], name="schedule_fits_of_a_user")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accepted", True), ("weights__isnull", False)),
                            models.Q(("accepted", False), ("weights", None)),
                            _connector="OR",
                        ),
                        name="schedule_fits_keep_what_was_taken",
                    )
                ],
            },
        ),
    ]
