// Command kubectl is Kubernetes' own, as published on the Go module proxy, for the shell blocks of the documentation.
// Build: CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o kubectl .
package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
)

func main() {
	if err := cli.RunNoErrOutput(cmd.NewDefaultKubectlCommand()); err != nil {
		util.CheckErr(err)
	}
	os.Exit(0)
}
