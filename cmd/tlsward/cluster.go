package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/pflag"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/inventory/watch"
)

// clusterFlags say which cluster stands behind files. It is only read, and nothing of it is judged.
type clusterFlags struct {
	cluster                      bool
	context, kubeconfig, secrets string
	// alone: there are no files before it.
	alone bool
	// external is what exists although the cluster does not show it; where there are files, they are laid over the cluster with it.
	external []inventory.External
	// reading are kinds that whoever asks reads, whatever rules do.
	reading []string
	// filled is how much of each kind was seen, once it has been read.
	filled []watch.Filled
}

// clusterTimeout bounds the reading of a cluster. 10,000 Secrets in pages of 50 take some seconds.
const clusterTimeout = time.Minute

func (f *clusterFlags) register(flags *pflag.FlagSet) {
	flags.BoolVar(&f.cluster, "cluster", false, "judge the files as applied to a cluster: what they refer to may be there; it is only read")
	flags.StringVar(&f.context, "context", "", "with --cluster: context of the kubeconfig (default: the current one)")
	flags.StringVar(&f.kubeconfig, "kubeconfig", "", "with --cluster: kubeconfig file (default: KUBECONFIG, ~/.kube/config, the service account)")
	flags.StringVar(&f.secrets, "secrets", "", "with --cluster: how Secrets are read: full, metadata or none (default: full)")
}

// clusterSecrets are the ways in which Secrets of a cluster behind files may be read, the usual one first.
func clusterSecrets() []string {
	return []string{watch.SecretsFull.String(), watch.SecretsMetadata.String(), watch.SecretsNone.String()}
}

func (f *clusterFlags) check() error {
	if f.secrets != "" {
		if err := oneOf("--secrets", f.secrets, clusterSecrets()); err != nil {
			return err
		}
	}
	switch {
	case f.cluster:
		return nil
	case f.secrets != "":
		return errors.New("--secrets: want --cluster with it")
	case f.context != "":
		return errors.New("--context: want --cluster with it")
	case f.kubeconfig != "":
		return errors.New("--kubeconfig: want --cluster with it")
	default:
		return nil
	}
}

// scope words absence.
func (f *clusterFlags) scope() string {
	switch {
	case f.cluster && f.alone:
		return "this cluster"
	case f.cluster:
		return "this tree or the cluster"
	default:
		return ""
	}
}

// liveReader is lint.Options.Live.
type liveReader func(ctx context.Context, namespaces []string) (*inventory.Snapshot, error)

// live returns what reads the cluster, once however often it is asked; nil without --cluster.
func (f *clusterFlags) live(e *engine.Engine, errOut io.Writer) (liveReader, error) {
	if !f.cluster {
		return nil, nil
	}
	mode, err := secretsMode(cmp.Or(f.secrets, watch.SecretsFull.String()))
	if err != nil {
		return nil, err
	}
	config, err := f.config()
	if err != nil {
		return nil, fmt.Errorf("cluster: %w", err)
	}
	var once sync.Once
	var snapshot *inventory.Snapshot
	return func(ctx context.Context, namespaces []string) (*inventory.Snapshot, error) {
		once.Do(func() {
			providers := e.Providers().Reading(f.reading...)
			options := watch.Options{
				Store:     inventory.New(inventory.Options{Providers: providers, Cluster: true, External: f.external}),
				Providers: providers, Config: config, Secrets: mode,
			}
			snapshot, f.filled, err = readCluster(ctx, options, slices.Concat(e.Needed(), f.reading), namespaces, errOut)
		})
		return snapshot, err
	}, nil
}

// config reads the kubeconfig as kubectl does.
func (f *clusterFlags) config() (*rest.Config, error) {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = f.kubeconfig
	overrides := &clientcmd.ConfigOverrides{CurrentContext: f.context}
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, overrides).ClientConfig()
	switch {
	case clientcmd.IsEmptyConfig(err):
		return nil, errors.New("which one? want a current context in ~/.kube/config or KUBECONFIG, or --kubeconfig")
	case err != nil:
		return nil, err
	}
	return asTlsward(config), nil
}

// readCluster takes an inventory of a cluster, and says on errOut what of the kinds needed it could not see.
func readCluster(
	ctx context.Context, options watch.Options, needed, namespaces []string, errOut io.Writer,
) (*inventory.Snapshot, []watch.Filled, error) {
	bounded, cancel := context.WithTimeout(ctx, clusterTimeout)
	defer cancel()
	progress := showProgress(errOut)
	progress.tell("asking the cluster what it serves", 0, 0)
	filled, err := watch.Fill(bounded, options, namespaces, func(done, of int) {
		progress.tell("reading the cluster's kinds", done, of)
	})
	progress.finish()
	if ctx.Err() != nil {
		return nil, nil, ctx.Err()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("cluster %s: %w", options.Config.Host, err)
	}
	for _, line := range outOfSight(filled, needed) {
		complain(errOut, "cluster: "+line)
	}
	return options.Store.Snapshot(), filled, nil
}

// outOfSight says which of the kinds that verdicts rest on could not be read, those with the same reason in one line.
func outOfSight(filled []watch.Filled, needed []string) []string {
	type group struct {
		resources []string
		why       string
	}
	var groups []group
	for _, f := range filled {
		if f.Err == nil || !slices.Contains(needed, f.GroupKind) {
			continue
		}
		why := "could not be listed (" + f.Err.Error() + "): what rests on them is unknown"
		switch {
		case errors.Is(f.Err, context.DeadlineExceeded):
			why = "were not listed within " + clusterTimeout.String() + ": what rests on them is unknown"
		case f.Forbidden() && len(f.Namespaces) > 0:
			why = "may be listed in namespaces " + strings.Join(f.Namespaces, ", ") + " only: what rests on others is unknown"
		case f.Forbidden():
			why = "may not be listed: what rests on them is unknown"
		}
		i := slices.IndexFunc(groups, func(g group) bool { return g.why == why })
		if i < 0 {
			i, groups = len(groups), append(groups, group{why: why})
		}
		groups[i].resources = append(groups[i].resources, f.Resource)
	}
	slices.SortFunc(groups, func(a, b group) int { return cmp.Compare(a.resources[0], b.resources[0]) })
	lines := make([]string, 0, len(groups))
	for _, g := range groups {
		lines = append(lines, strings.Join(g.resources, ", ")+" "+g.why)
	}
	return lines
}
