// Google's own Go client, as a witness of the emulator: does its calls, and prints what it saw as one line of JSON.
//
//	witness ENDPOINT PARENT MODE
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"strings"

	secretmanager "cloud.google.com/go/secretmanager/apiv1"
	pb "cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func last(name string) string { return name[strings.LastIndex(name, "/")+1:] }

// The HTTP status, and what the service said.
func failure(err error) []any {
	var refused *googleapi.Error
	if errors.As(err, &refused) {
		return []any{refused.Code, refused.Message + refused.Body}
	}
	return []any{0, fmt.Sprint(err)}
}

func sum(data []byte) *int64 {
	value := int64(crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli)))
	return &value
}

func main() {
	endpoint, parent, mode := os.Args[1], os.Args[2], os.Args[3]
	ctx := context.Background()
	options := []option.ClientOption{option.WithEndpoint(endpoint)}
	if mode == "anonymous" {
		options = append(options, option.WithoutAuthentication())
	}
	client, err := secretmanager.NewRESTClient(ctx, options...)
	check(err)
	secret := parent + "/secrets/witness"
	access := func(version string) ([]any, error) {
		answer, err := client.AccessSecretVersion(ctx, &pb.AccessSecretVersionRequest{Name: secret + "/versions/" + version})
		if err != nil {
			return nil, err
		}
		data := answer.Payload.Data
		return []any{last(answer.Name), string(data), answer.Payload.GetDataCrc32C() == *sum(data)}, nil
	}
	mustAccess := func(version string) []any {
		seen, err := access(version)
		check(err)
		return seen
	}
	seen := map[string]any{}
	tell := func() { check(json.NewEncoder(os.Stdout).Encode(seen)) }
	if mode != "anonymous" {
		seen["latest"] = mustAccess("latest")
		tell()
		return
	}

	made := func() *pb.Secret {
		if strings.Contains(parent, "/locations/") {
			return &pb.Secret{}
		}
		automatic := &pb.Replication_Automatic_{Automatic: &pb.Replication_Automatic{}}
		return &pb.Secret{Replication: &pb.Replication{Replication: automatic}}
	}
	labelled := made()
	labelled.Labels = map[string]string{"env": "prod"}
	created, err := client.CreateSecret(ctx, &pb.CreateSecretRequest{Parent: parent, SecretId: "witness", Secret: labelled})
	check(err)
	seen["created"] = []any{last(created.Name), created.Labels}
	_, err = client.CreateSecret(ctx, &pb.CreateSecretRequest{Parent: parent, SecretId: "witness", Secret: made()})
	seen["again"] = failure(err)[0]
	_, err = access("latest")
	seen["empty"] = failure(err)
	for _, text := range []string{"first", "zwölf"} {
		payload := &pb.SecretPayload{Data: []byte(text), DataCrc32C: sum([]byte(text))}
		added, err := client.AddSecretVersion(ctx, &pb.AddSecretVersionRequest{Parent: secret, Payload: payload})
		check(err)
		seen["added"] = []any{last(added.Name), added.State.String(), added.ClientSpecifiedPayloadChecksum}
	}
	wrong := int64(1)
	_, err = client.AddSecretVersion(ctx, &pb.AddSecretVersionRequest{Parent: secret, Payload: &pb.SecretPayload{Data: []byte("x"), DataCrc32C: &wrong}})
	seen["wrong checksum"] = failure(err)[0]
	seen["latest"] = mustAccess("latest")
	seen["first"] = mustAccess("1")
	_, err = client.UpdateSecret(ctx, &pb.UpdateSecretRequest{
		Secret:     &pb.Secret{Name: secret, VersionAliases: map[string]int64{"stable": 1}},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"version_aliases"}},
	})
	check(err)
	seen["alias"] = mustAccess("stable")
	_, err = client.CreateSecret(ctx, &pb.CreateSecretRequest{Parent: parent, SecretId: "other", Secret: made()})
	check(err)
	list := func(request *pb.ListSecretsRequest) []string {
		request.Parent = parent
		names := []string{}
		secrets := client.ListSecrets(ctx, request)
		for {
			one, err := secrets.Next()
			if err == iterator.Done {
				return names
			}
			check(err)
			names = append(names, last(one.Name))
		}
	}
	seen["listed"] = list(&pb.ListSecretsRequest{PageSize: 1})
	seen["filtered"] = list(&pb.ListSecretsRequest{Filter: "name:witn AND labels.env=prod"})
	second := secret + "/versions/2"
	_, err = client.DisableSecretVersion(ctx, &pb.DisableSecretVersionRequest{Name: second})
	check(err)
	_, err = access("latest")
	seen["disabled"] = failure(err)
	enabled := []string{}
	versions := client.ListSecretVersions(ctx, &pb.ListSecretVersionsRequest{Parent: secret, Filter: "state:ENABLED"})
	for {
		one, err := versions.Next()
		if err == iterator.Done {
			break
		}
		check(err)
		enabled = append(enabled, last(one.Name))
	}
	seen["enabled"] = enabled
	_, err = client.EnableSecretVersion(ctx, &pb.EnableSecretVersionRequest{Name: second, Etag: `"wrong"`})
	seen["wrong etag"] = failure(err)[0]
	_, err = client.DestroySecretVersion(ctx, &pb.DestroySecretVersionRequest{Name: second})
	check(err)
	_, err = access("2")
	seen["destroyed"] = failure(err)
	_, err = client.AccessSecretVersion(ctx, &pb.AccessSecretVersionRequest{Name: parent + "/secrets/none/versions/latest"})
	seen["missing"] = failure(err)
	check(client.DeleteSecret(ctx, &pb.DeleteSecretRequest{Name: parent + "/secrets/other"}))
	check(client.DeleteSecret(ctx, &pb.DeleteSecretRequest{Name: secret}))
	seen["left"] = list(&pb.ListSecretsRequest{})
	tell()
}
