/** As KNOWN_TEXTS, of SSH, TOTP, identity tokens, keys of transit, quotas, namespaces, and logins by LDAP and GitHub. */
export const ENGINE_TEXTS = `
Unknown role
Role {} not found
Role {} does not exist
Missing role
Missing ip
missing ip
missing public_key
missing key type
OTP not found
Invalid IP {}
Error validating IP
IP does not belong to role
Username is not present is allowed users list
Username has to be either in allowed users list or has to be a default username
No default username registered. Use 'username' option
username not in allowed users list
role key type {} not allowed to issue key pairs
dynamic key type roles are no longer supported
Either 'allow_user_certificates' or 'allow_host_certificates' must be set to 'true'
keys haven't been configured yet
keys are already configured; delete them before reconfiguring
failed to read CA key of type {}
failed to parse public_key as SSH key
public_key failed to meet the key requirements
public key type of {} is not allowed
key type unknown
key of type {} is not allowed
key is of an invalid size
invalid key type
invalid key
provided key_type value not in allowed_user_key_types
provided key_bits value not in list of role's allowed_user_key_types
cert_type must be either 'user' or 'host'
cert_type 'user' is not allowed by role
cert_type 'host' is not allowed by role
setting key_id is not allowed by role
empty valid principals not allowed by role
role is not configured to allow any principals
{} is not a valid value for valid_principals
critical options not on allowed list
extensions {} are not on allowed list
ttl is larger than maximum allowed {}
unknown key
a key should not be passed if generate is true
a url should not be passed if generate is true
an error occurred while generating a key
an error occurred while parsing digits value in url
an error occurred while parsing period value in url
an error occurred while parsing url string
an error occurred while validating the code
code already used; wait until the next time period
the account_name value is required for generated keys
the issuer value is required for generated keys
the algorithm value is not valid
the code value is required
the digits value can only be 6 or 8
the key value is required
the key_size value must be greater than zero
the period value must be greater than zero
the qr_size value must be greater than or equal to zero
the skew value must be 0 or 1
no entity associated with the request's token
role {} not found
cannot find key {}
no named key found at {}
deletion of key {} not allowed
unable to delete key {} because it is currently referenced by these roles
the key parameter is required
the key {} does not list the client ID of the role {} as an allowed client ID
a role's token ttl cannot be longer than the verification_ttl of the key it references
rotation_period must be at least one minute
verification_ttl cannot be longer than 10x rotation_period
unknown signing algorithm {}
error parsing template JSON
error parsing template
signing key is nil; rotate the key and try again
unknown key type {}
unknown key type {} for export type {}
invalid export type
invalid key version
invalid key name
key names cannot be paths
key not found
key {} already exists
could not delete key; not found
private key material is not exportable
exporting is disallowed on the policy
plaintext backup is disallowed on the policy
version does not exist or cannot be found
version for export is below minimum decryption version
no such key version
requested version for encryption is higher than the latest key version
requested version for encryption is less than the minimum encryption key version
requested version for encryption is negative
requested version for signing is higher than the latest key version
requested version for signing is less than the minimum encryption key version
requested version for signing is negative
version is too new
version number could not be decoded
could not decode base64
wrong number of fields
invalid ciphertext length
invalid signature
invalid base64 signature value
signing not supported for the key
encryption not supported for the key
key type {} not supported for this operation
key type {} does not support signing
message encryption not supported for key type {}
message decryption not supported for key type {}
message verification not supported for key type {}
derivation not supported for key type {}
convergent encryption requires derivation to be enabled
convergent encryption requires derivation to be enabled, so context is required
context should be set either in all the request blocks or in none
operation not supported on keys with derivation enabled
nonce provided when not allowed
provided nonce not allowed for this key
invalid convergent nonce supplied
failed to base64-decode nonce
base64-decoded nonce must be {} bytes long but given {} bytes
base64-decoded nonce must be {} bytes long when using convergent encryption with this key
input missing
missing input
missing min_available_version
minimum available version cannot be decremented
minimum available version cannot be greater than minimum decryption version
minimum available version cannot be greater than minmum encryption version
minimum available version cannot be set when minimum decryption version is not set
minimum available version cannot be set when minimum encryption version is not set
minimum available version should be positive
minimum decryption version of {} is greater than the latest version {}
minimum decryption version of {} is greater than minimum encryption version {}
minimum decryption version of {} is less than 1
min decryption version should not be less then min available version
min encryption version should not be less than min available version
cannot set min decryption version of {}, latest key version is {}
cannot set min encryption version of {}, latest key version is {}
error deleting policy {}
auto rotate period must be 0 to disable or at least an hour
'backup' must be supplied
'rate' is invalid
'block' is invalid
enterprise-only feature
namespace name cannot contain /
unable to delete namespace containing child namespaces
requested namespace does not exist
invalid mount path {}
invalid grouping mode {}
quota rule with similar properties exists under the name {}
only namespace quotas can be configured as inheritable
all global quotas must be inheritable
Mount path {} does not support use with role-based quotas
Mount path {} is not a valid auth method and therefore unsuitable for use with role-based quotas
`
  .trim()
  .split('\n');
