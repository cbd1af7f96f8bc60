# What Microsoft's client for Python makes of the emulator, as one line of JSON.
import json
import os
from datetime import datetime, timezone

from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential
from azure.keyvault.secrets import SecretClient

environment = os.environ
credential = ClientSecretCredential(
    environment["TENANT"],
    environment["CLIENT"],
    environment["SECRET"],
    authority=environment["AUTHORITY"],
    disable_instance_discovery=True,
)
client = SecretClient(
    environment["VAULT_URL"],
    credential,
    verify_challenge_resource=False,  # on loopback no host is below the resource's
    connection_verify=environment["REQUESTS_CA_BUNDLE"],
    retry_total=0,
)


def fault(work, *arguments):
    try:
        work(*arguments)
        return "none"
    except HttpResponseError as error:
        return f"{error.status_code} {error.error.code}"


first = client.set_secret(
    "db",
    "one",
    content_type="text/plain",
    tags={"team": "shop"},
    expires_on=datetime(2031, 1, 2, 3, 4, 5, tzinfo=timezone.utc),
)
second = client.set_secret("db", "two")
before = client.get_secret("DB", first.properties.version)
current = client.get_secret("db")
for index in range(30):
    client.set_secret(f"s-{index}", str(index))
listed = list(client.list_properties_of_secrets())
versions = list(client.list_properties_of_secret_versions("db"))
client.update_secret_properties("db", second.properties.version, enabled=False)
disabled = fault(client.get_secret, "db")
client.update_secret_properties("db", second.properties.version, enabled=True, tags={"team": "two"})
changed = client.get_secret("db")
client.begin_delete_secret("db", _polling_interval=0).wait()
gone = fault(client.get_secret, "db")
reused = fault(client.set_secret, "db", "three")
deleted = [one.name for one in client.list_deleted_secrets()]
client.begin_recover_deleted_secret("db", _polling_interval=0).wait()
recovered = client.get_secret("db").value
client.begin_delete_secret("db", _polling_interval=0).wait()
client.purge_deleted_secret("db")
purged = len(list(client.list_deleted_secrets()))

print(
    json.dumps(
        {
            "before": [
                before.value,
                before.properties.content_type,
                before.properties.tags,
                int(before.properties.expires_on.timestamp()),
            ],
            "current": [
                current.value,
                current.properties.version == second.properties.version,
                current.properties.enabled,
            ],
            "listed": len(listed),
            "versions": len(versions),
            "disabled": disabled,
            "changed": changed.properties.tags,
            "gone": gone,
            "reused": reused,
            "deleted": deleted,
            "recovered": recovered,
            "purged": purged,
            "missing": fault(client.get_secret, "nothing"),
        }
    )
)
