import { ENGINE_TEXTS } from './known-texts.engines.js';

/**
 * What HashiCorp Vault 1.21 and OpenBao 2.7 say of themselves, a phrase a line; `{}` stands for what they put in. Phrases that they join with
 * ": " or list below each other are lines of their own. Taken from the sources of Vault, its auth methods and engines; what plugins pass on of
 * others (a database's refusal) is none of it.
 */
export const KNOWN_TEXTS = `
permission denied
invalid token
bad token
missing client token
token not found
unsupported path
unsupported operation
invalid request
invalid credentials
read-only storage view
cannot write to readonly storage
operation could not be completed as storage is read-only
context deadline exceeded
context canceled
upstream rate limited
rate limit quota exceeded
lease count quota exceeded
request path {}
request needs further approval
required index state not present
please forward to the active node
internal error
error performing token check
no lease entry found for token that ought to have one, possible eventual consistency issue
failed to audit request, cannot continue
error during forwarding RPC request
local node not active but active cluster node not found
node is not active
Vault is sealed
Vault is not initialized
vault is sealed
server is not yet initialized
Vault is in standby mode
no handler for route {}
no handler for route {}. route entry not found.
no handler for route {}. route entry found, but backend is nil.
no handler for route {}. route entry is tainted.
no handler for route {} on namespace {}. route entry or namespace is tainted.
route entry not found
namespace not found
namespaces feature not enabled
no matching mount
no matching mount at {}
cannot find mount for path {}
path is already in use at {}
path already in use at {}
existing mount at {}
missing path
missing policy
missing policy name
policy does not exist
failed to parse policy
path {}
invalid capability {}
invalid policy {}
paths must be supplied
http: request body too large
http
request body too large
failed to parse JSON input
JSON array exceeds allowed element count
JSON input exceeds allowed nesting depth
JSON number value exceeds allowed length
JSON object exceeds allowed entry count
JSON payload exceeds allowed token count
JSON string value exceeds allowed length
exceeded maximum number of strings
error converting input for field {}
'key' must be a valid hex or base64 string
'key' must be specified in request body as JSON
error validating wrapping token
wrapping token is not valid or does not exist
wrapping token signature could not be validated
wrapping token could not be parsed
wrapping information was nil; wrapping token may be from a previous Vault version
no information found; wrapping token may be from a previous Vault version
token is not a valid unwrap token
token is not from a valid namespace
no response found inside the cubbyhole
missing "token" value in input
lease not found
lease expired
lease is not renewable
lease not found or lease is not renewable
lease is expired and has failed previous revocation attempts
lease_id must be specified
invalid lease
invalid lease ID
failed to revoke {}
failed to revoke entry
failed to renew entry
past the max TTL, cannot renew
batch tokens cannot be renewed
batch tokens cannot be revoked
tokens cannot be renewed through this endpoint
token to revoke not found
token not found or fully used already
missing token ID
cannot lookup blank token
parent token lookup failed
parent token not found
ttl must be positive
period must be positive
root or sudo privileges required to create orphan token
root or sudo privileges required to create periodic token
root or sudo privileges required to specify token id
root tokens may not be created without parent token being root
child policies must be subset of parent
TTL of {} exceeded the effective max_ttl of {}; TTL value is capped accordingly
period of {} exceeded the effective max_ttl of {}; period value is capped accordingly
Endpoint ignored these unrecognized parameters
Endpoint replaced the value of these parameters with the values captured from the endpoint's path
invalid role or secret ID
invalid role ID
invalid secret id
missing role_id
missing secret_id
source address {} unauthorized through CIDR restrictions on the secret ID
source address {} unauthorized by CIDR restrictions on the secret ID
source address {} unauthorized by CIDR restrictions on the role
num_uses cannot be higher than the role's secret_id_num_uses
ttl cannot be longer than the role's secret_id_ttl
role {} does not exist
role {} does not exist during renewal
failed to validate role {} during renewal
invalid username or password
username does not exist
missing username
missing password
policies have changed, not renewing
invalid role name {}
missing role name
service account name not authorized
namespace not authorized
service account namespace and name must be set
could not load backend configuration
lookup failed
service account unauthorized; this could mean it has been deleted or recreated with a new token
service account jwt not valid
service account jwt valid for audience(s) {}, but wanted {}
role {} could not be found
role with oidc role_type is not allowed
missing role
missing token
could not load configuration
audience claim found in JWT but no audiences bound to the role
error validating token
error validating claims
error verifying token signature
no known key successfully validated the token signature
token signed with unexpected algorithm
invalid expiration time (exp) claim
token is expired
invalid not before (nbf) claim
token not yet valid
invalid issued at (iat) claim
token issued in the future
invalid audience (aud) claim
audience claim does not match any expected audience
invalid issuer (iss) claim
invalid subject (sub) claim
claim {} not found in token
claim {} does not match any associated bound claim values
no client certificate found
client certificate must be supplied
no certificate was matched by this request
failed to verify client's certificate
invalid certificate or no client certificate supplied
tls connection required
error validating X-Vault-AWS-IAM-Server-ID header
missing header {}
vault header wasn't signed
expected {} but got {}
received error code {} from STS
IAM Principal {} does not belong to the role {}
entry for role {} not found
didn't supply required authentication values
login unauthorized due to quota or lockout
user locked out
entity not found
check-and-set parameter required for this call
check-and-set parameter did not match the current version
error parsing check-and-set parameter
no data provided
missing data fields
No version number provided
Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use. If using the Vault CLI, use 'vault kv {}' for this operation.
Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints to use. If using the OpenBao CLI, use 'bao kv {}' for this operation.
Upgrading from non-versioned to versioned data. This backend will be unavailable for a brief period and will resume service shortly.
Waiting for the primary to upgrade from non-versioned to versioned data. This backend will be unavailable for a brief period and will resume service when the primary is finished.
{} is not an allowed role
failed to find entry for connection with name
failed to read connection configuration
error creating database object
error verifying connection
failed to verify connection
could not find role with name
empty role name attribute given
Password found in connection_url, use a templated url to enable root rotation and prevent read access to password information.
role_arn {} not in allowed role arns for Vault role {}
did not supply a role_arn parameter and unable to determine one
Error assuming role
Error generating STS keys
Error creating IAM user
Error creating access keys
encryption key not found
signing key not found
signature verification key not found
key {} not found
invalid ciphertext
no prefix
missing ciphertext to decrypt
missing plaintext to encrypt
missing batch input to process
failed to base64-decode plaintext
failed to base64-decode context
failed to parse batch input
cipher
message authentication failed
missing 'context' for key derivation; the key was created using a derived key, which means additional, per-request information must be included in order to perform operations with the key
ciphertext or signature version is disallowed by policy (too old)
ciphertext version is disallowed by policy (too old)
deletion is not allowed for this key
unknown role
role not found
common name {} not allowed by this role
subject alternate name {} not allowed by this role
email address {} not allowed by this role
the common_name field is required, or must be provided in a CSR with "use_csr_common_name" set to true, unless "require_cn" is set to false
no default issuer currently configured
certificate with serial {} not found
The serial number must be provided
The serial number or certificate to revoke must be provided.
`
  .trim()
  .split('\n')
  .concat(ENGINE_TEXTS);
