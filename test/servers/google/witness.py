"""Google's own Python client, as a witness of the emulator: does its calls, and prints what it saw as one line of JSON."""

import json
import sys

import google_crc32c
from google.api_core import exceptions
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import secretmanager_v1 as sm
from google.protobuf import field_mask_pb2

endpoint, parent, mode = sys.argv[1:4]
options = ClientOptions(api_endpoint=endpoint)
if mode == "anonymous":
    client = sm.SecretManagerServiceClient(
        transport="rest", client_options=options, credentials=AnonymousCredentials()
    )
else:  # the default credentials, as the environment has them
    client = sm.SecretManagerServiceClient(transport="rest", client_options=options)


def failure(call):
    try:
        call()
    except exceptions.GoogleAPICallError as error:
        return [error.code, error.message]
    return "none"


def access(version):
    answer = client.access_secret_version(name=f"{secret}/versions/{version}")
    data = answer.payload.data
    return [answer.name.split("/")[-1], data.decode(), answer.payload.data_crc32c == google_crc32c.value(data)]


secret = f"{parent}/secrets/witness"
if mode != "anonymous":
    print(json.dumps({"latest": access("latest")}))
    sys.exit(0)

seen = {}
regional = "/locations/" in parent
made = {} if regional else {"replication": {"automatic": {}}}
created = client.create_secret(parent=parent, secret_id="witness", secret={**made, "labels": {"env": "prod"}})
seen["created"] = [created.name.split("/")[-1], dict(created.labels)]
seen["again"] = failure(lambda: client.create_secret(parent=parent, secret_id="witness", secret=made))[0]
seen["empty"] = failure(lambda: access("latest"))
for value in (b"first", "zw\u00f6lf".encode()):
    payload = {"data": value, "data_crc32c": google_crc32c.value(value)}
    added = client.add_secret_version(parent=secret, payload=payload)
seen["added"] = [added.name.split("/")[-1], added.state.name, added.client_specified_payload_checksum]
wrong = {"data": b"x", "data_crc32c": 1}
seen["wrong checksum"] = failure(lambda: client.add_secret_version(parent=secret, payload=wrong))[0]
seen["latest"] = access("latest")
seen["first"] = access("1")
mask = field_mask_pb2.FieldMask(paths=["version_aliases"])
client.update_secret(secret={"name": secret, "version_aliases": {"stable": 1}}, update_mask=mask)
seen["alias"] = access("stable")
client.create_secret(parent=parent, secret_id="other", secret=made)
seen["listed"] = [s.name.split("/")[-1] for s in client.list_secrets(request={"parent": parent, "page_size": 1})]
found = client.list_secrets(request={"parent": parent, "filter": "name:witn AND labels.env=prod"})
seen["filtered"] = [s.name.split("/")[-1] for s in found]
client.disable_secret_version(name=f"{secret}/versions/2")
seen["disabled"] = failure(lambda: access("latest"))
enabled = client.list_secret_versions(request={"parent": secret, "filter": "state:ENABLED"})
seen["enabled"] = [v.name.split("/")[-1] for v in enabled]
etag = {"name": f"{secret}/versions/2", "etag": '"wrong"'}
seen["wrong etag"] = failure(lambda: client.enable_secret_version(request=etag))[0]
client.destroy_secret_version(name=f"{secret}/versions/2")
seen["destroyed"] = failure(lambda: access("2"))
seen["missing"] = failure(lambda: client.access_secret_version(name=f"{parent}/secrets/none/versions/latest"))
client.delete_secret(name=f"{parent}/secrets/other")
client.delete_secret(name=secret)
seen["left"] = [s.name for s in client.list_secrets(parent=parent)]
print(json.dumps(seen))
