package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	"connectrpc.com/vanguard/vanguardgrpc"
	"google.golang.org/grpc"
)

func main() {
	fake := pstest.NewServer()
	server := grpc.NewServer()
	pubsubpb.RegisterPublisherServer(server, &fake.GServer)
	pubsubpb.RegisterSubscriberServer(server, &fake.GServer)
	handler, err := vanguardgrpc.NewTranscoder(server)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_ = context.Background
	fmt.Println(listener.Addr(), fake.Addr)
	http.Serve(listener, handler)
}
