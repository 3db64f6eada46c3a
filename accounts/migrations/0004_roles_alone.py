from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_give_roles'),
    ]

    operations = [
        migrations.AlterField(
            model_name='user',
            name='email_key',
            field=models.CharField(editable=False, error_messages={'unique': 'This e-mail address already has an account.'}, max_length=254, unique=True),
        ),
        migrations.RemoveConstraint(
            model_name='user',
            name='user_email_is_unique_whatever_its_capitals',
        ),
        migrations.RemoveField(
            model_name='user',
            name='groups',
        ),
        migrations.RemoveField(
            model_name='user',
            name='is_staff',
        ),
        migrations.RemoveField(
            model_name='user',
            name='is_superuser',
        ),
        migrations.RemoveField(
            model_name='user',
            name='user_permissions',
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('activated_at__isnull', False), ('deactivated_at__isnull', True), ('is_active', True)), models.Q(('is_active', False), models.Q(('activated_at__isnull', True), ('deactivated_at__isnull', False), _connector='OR')), _connector='OR'), name='user_is_active_when_activated_and_not_deactivated'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['viewer', 'editor', 'admin'])), name='user_has_a_known_role'),
        ),
    ]
