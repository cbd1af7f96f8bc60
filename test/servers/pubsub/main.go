// Google's own in-memory Pub/Sub (pstest, which its Go client's tests use), by its REST API: what the tests of pubSubEvents() talk to. The way from REST to
// gRPC is Vanguard's, by the HTTP rules in Google's own API definition. Ours is but the envelope of errors, and that a token is asked for.
// pstest answers a pull on a quiet subscription after half a second; the service takes its time. It keeps expiration policies, and does not act by them.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"connectrpc.com/vanguard/vanguardgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
)

func main() {
	address := flag.String("listen", "127.0.0.1:0", "where it serves")
	token := flag.String("token", "", "the access token that it takes")
	flag.Parse()
	fake := pstest.NewServer()
	server := grpc.NewServer()
	pubsubpb.RegisterPublisherServer(server, &fake.GServer)
	pubsubpb.RegisterSubscriberServer(server, &fake.GServer)
	transcoder, err := vanguardgrpc.NewTranscoder(server)
	check(err)
	listener, err := net.Listen("tcp", *address)
	check(err)
	fmt.Printf("http://%s\n", listener.Addr())
	check(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			return // it is up
		}
		if r.Header.Get("Authorization") != "Bearer "+*token {
			writeError(w, http.StatusUnauthorized, int(codes.Unauthenticated), "no such token")
			return
		}
		answer := &recorded{header: http.Header{}, status: http.StatusOK}
		transcoder.ServeHTTP(answer, r)
		if answer.status < 300 {
			w.Header().Set("Content-Type", "application/json; charset=UTF-8")
			w.WriteHeader(answer.status)
			w.Write(answer.body.Bytes())
			return
		}
		var status struct {
			Code    int
			Message string
		}
		json.Unmarshal(answer.body.Bytes(), &status)
		writeError(w, answer.status, status.Code, status.Message)
	})))
}

// As Google's front end has it.
func writeError(w http.ResponseWriter, status int, code int, message string) {
	names := []string{"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED",
		"RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"code": status, "message": message, "status": names[code]}})
}

type recorded struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorded) Header() http.Header         { return r.header }
func (r *recorded) WriteHeader(status int)      { r.status = status }
func (r *recorded) Write(b []byte) (int, error) { return r.body.Write(b) }
func (r *recorded) Flush()                      {}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
