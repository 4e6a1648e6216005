package watch

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	apiwatch "k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
)

// clients are the ways to ask one API server, over one connection.
type clients struct {
	http    *http.Client
	base    *url.URL
	whole   kindClient
	partial kindClient
	// typed are better than whole for the kinds that it has.
	typed map[string]kindClient
}

// kindClient reads objects of one kind: whole ones, or their metadata only.
type kindClient interface {
	get(ctx context.Context, at resource, namespace, name string) (runtime.Object, error)
	list(ctx context.Context, at resource, namespace string, options metav1.ListOptions) ([]runtime.Object, metav1.ListInterface, error)
	watch(ctx context.Context, at resource, namespace string, options metav1.ListOptions) (apiwatch.Interface, error)
}

func connect(config *rest.Config) (*clients, error) {
	config = rest.CopyConfig(config)
	// A timeout would end watches; no limit, see Options; and warnings about old versions are for people who type.
	config.Timeout, config.QPS, config.RateLimiter = 0, -1, nil
	config.WarningHandler, config.WarningHandlerWithContext = rest.NoWarnings{}, nil
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	base, _, err := rest.DefaultServerUrlFor(config)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	whole, err := dynamic.NewForConfigAndClient(config, client)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	partial, err := metadata.NewForConfigAndClient(config, client)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	typed, err := typed(config, client)
	if err != nil {
		return nil, err
	}
	return &clients{http: client, base: base, whole: wholeClient{whole}, partial: partialClient{partial}, typed: typed}, nil
}

type wholeClient struct{ dynamic.Interface }

func (c wholeClient) in(at resource, namespace string) dynamic.ResourceInterface {
	if namespace == "" {
		return c.Resource(at.GroupVersionResource)
	}
	return c.Resource(at.GroupVersionResource).Namespace(namespace)
}

func (c wholeClient) get(ctx context.Context, at resource, namespace, name string) (runtime.Object, error) {
	return c.in(at, namespace).Get(ctx, name, metav1.GetOptions{})
}

func (c wholeClient) list(ctx context.Context, at resource, namespace string, options metav1.ListOptions) ([]runtime.Object, metav1.ListInterface, error) {
	list, err := c.in(at, namespace).List(ctx, options)
	if err != nil {
		return nil, nil, err
	}
	objects := make([]runtime.Object, 0, len(list.Items))
	for i := range list.Items {
		objects = append(objects, &list.Items[i])
	}
	return objects, list, nil
}

func (c wholeClient) watch(ctx context.Context, at resource, namespace string, options metav1.ListOptions) (apiwatch.Interface, error) {
	return c.in(at, namespace).Watch(ctx, options)
}

type partialClient struct{ metadata.Interface }

func (c partialClient) in(at resource, namespace string) metadata.ResourceInterface {
	if namespace == "" {
		return c.Resource(at.GroupVersionResource)
	}
	return c.Resource(at.GroupVersionResource).Namespace(namespace)
}

func (c partialClient) get(ctx context.Context, at resource, namespace, name string) (runtime.Object, error) {
	return c.in(at, namespace).Get(ctx, name, metav1.GetOptions{})
}

func (c partialClient) list(ctx context.Context, at resource, namespace string, options metav1.ListOptions) ([]runtime.Object, metav1.ListInterface, error) {
	list, err := c.in(at, namespace).List(ctx, options)
	if err != nil {
		return nil, nil, err
	}
	objects := make([]runtime.Object, 0, len(list.Items))
	for i := range list.Items {
		objects = append(objects, &list.Items[i])
	}
	return objects, list, nil
}

func (c partialClient) watch(ctx context.Context, at resource, namespace string, options metav1.ListOptions) (apiwatch.Interface, error) {
	return c.in(at, namespace).Watch(ctx, options)
}
