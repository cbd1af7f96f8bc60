package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

// client does one thing with a Secret, and prints its data, which Go's JSON has in Base64.
func client(args []string) error {
	if len(args) < 4 {
		return fmt.Errorf("usage: kube client KUBECONFIG NAMESPACE read|write|create NAME [KEY BASE64]")
	}
	config, err := clientcmd.BuildConfigFromFlags("", args[0])
	if err != nil {
		return err
	}
	set, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	secrets, ctx, name := set.CoreV1().Secrets(args[1]), context.Background(), args[3]
	data := map[string][]byte{}
	if len(args) == 6 {
		if data[args[4]], err = base64.StdEncoding.DecodeString(args[5]); err != nil {
			return err
		}
	}
	var secret *corev1.Secret
	switch args[2] {
	case "read":
		secret, err = secrets.Get(ctx, name, metav1.GetOptions{})
	case "create":
		secret, err = secrets.Create(ctx, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name}, Data: data}, metav1.CreateOptions{})
	case "write":
		if secret, err = secrets.Get(ctx, name, metav1.GetOptions{}); err != nil {
			return err
		}
		for key, value := range data {
			secret.Data[key] = value
		}
		secret, err = secrets.Update(ctx, secret, metav1.UpdateOptions{})
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(secret.Data)
}
