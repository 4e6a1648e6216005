package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/tlsward/tlsward/engine"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/lint"
	"github.com/tlsward/tlsward/report"
	"github.com/tlsward/tlsward/rule"
)

// defaultsFlags are those of the defaults command.
type defaultsFlags struct {
	common
	list, remove, yes bool
	namespaces        []string
	outputs           []string
	color             string
}

func defaultsCommand(s streams) *cobra.Command {
	var f defaultsFlags
	cmd := &cobra.Command{
		Use:   "defaults [PATH...]",
		Short: "List the values that the webhook has set, or take them away",
		Long: `List every value that tlsward's mutating webhook has set in objects of a cluster (--cluster), or of files that were
exported from one. Each is recorded in the annotation tlsward.dev/defaulted of its object. A value that somebody
has changed since is theirs, and is shown as such.

--remove takes these values away, and the records of them. It asks the API server what would become of each object
(a dry run), prints that, and changes nothing without --yes. Values that somebody has changed stay. Where the
webhook is still there and enforces, it would set them again: that is found out, and said.

Exit status: 0, or 2 if something could not be read or would not be changed.`,
		Example: "  tlsward defaults --cluster\n  tlsward defaults --cluster --namespace shop --output json\n" +
			"  tlsward defaults --remove --cluster\n  tlsward defaults --remove --cluster --yes",
		RunE: func(cmd *cobra.Command, paths []string) error { return f.run(cmd.Context(), paths, s) },
	}
	flags := cmd.Flags()
	f.registerWorld(flags)
	flags.BoolVar(&f.list, "list", false, "list them (the default)")
	flags.BoolVar(&f.remove, "remove", false, "take them away in the cluster: says what would be done, and does it with --yes")
	flags.BoolVar(&f.yes, "yes", false, "with --remove: do it")
	flags.BoolVar(&f.behind.cluster, "cluster", false, "look at a cluster instead of files")
	flags.StringVar(&f.behind.context, "context", "", "with --cluster: context of the kubeconfig (default: the current one)")
	flags.StringVar(&f.behind.kubeconfig, "kubeconfig", "", "with --cluster: kubeconfig file (default: KUBECONFIG, ~/.kube/config, the service account)")
	flags.StringSliceVar(&f.namespaces, "namespace", nil, "only objects of these namespaces (globs); may be repeated")
	flags.StringArrayVarP(&f.outputs, "output", "o", nil, outputHelp(defaultsFormats(nil)))
	flags.StringVar(&f.color, "color", "auto", "colours: auto, always or never")
	_ = cmd.RegisterFlagCompletionFunc("output", completeOutput(defaultsFormats(nil))) // fails for a flag that is not there
	completeWords(cmd, map[string][]string{"color": colorWords()})
	f.complete(cmd)
	return cmd
}

func (f *defaultsFlags) check(paths []string) error {
	switch {
	case f.list && f.remove:
		return errors.New("--list shows and --remove takes away: want one of them")
	case f.yes && !f.remove:
		return errors.New("--yes: want --remove with it")
	case f.remove && !f.behind.cluster:
		return errors.New("--remove: want --cluster with it; in files, take the values out with an editor")
	case f.behind.cluster && len(paths) > 0:
		return fmt.Errorf("--cluster looks at a cluster, and not at files: want no path, got %s", strings.Join(paths, " "))
	}
	return errors.Join(f.common.check(paths), f.behind.check())
}

func (f *defaultsFlags) run(ctx context.Context, paths []string, s streams) error {
	if err := f.check(paths); err != nil {
		return unjudged(err)
	}
	globs, err := namespaceGlobs(f.namespaces)
	if err != nil {
		return unjudged(err)
	}
	var found injections
	outputs, err := outputs(f.outputs, defaultsFormats(&found))
	if err != nil {
		return unjudged(err)
	}
	style, err := terminalStyle(s.out, f.color)
	if err != nil {
		return unjudged(err)
	}
	var problems []error
	if f.behind.cluster {
		problems, err = f.ofCluster(ctx, globs, &found)
	} else {
		problems, err = f.ofFiles(ctx, here(paths), globs, &found, s)
	}
	if err != nil {
		return unjudged(err)
	}
	var failed error
	for _, o := range outputs {
		failed = errors.Join(failed, o.write(s.out, report.Run{}, style))
	}
	for _, p := range problems {
		complain(s.err, p.Error())
	}
	switch {
	case failed != nil:
		return unjudged(failed)
	case len(problems) > 0:
		return &exitError{code: exitUnjudged}
	}
	return nil
}

// ofFiles looks at objects in files.
func (f *defaultsFlags) ofFiles(ctx context.Context, paths, globs []string, found *injections, s streams) (problems []error, err error) {
	_, options, err := f.prepare(ctx, paths, s)
	if err != nil {
		return nil, err
	}
	for _, o := range f.outputs {
		if _, file, ok := strings.Cut(o, "="); ok {
			options.Exclude = append(options.Exclude, file)
		}
	}
	var mu sync.Mutex
	options.Observe = func(_ int, o lint.Observed) {
		if i := injectedIn(o.Object); i != nil && matchesAny(globs, o.Object.ID.Namespace) {
			i.File, i.Line = o.At.File, o.At.Line
			mu.Lock()
			defer mu.Unlock()
			found.add(*i)
		}
	}
	result, err := lint.Observe(ctx, paths, options)
	if err != nil {
		return nil, err
	}
	if result.Objects == 0 && len(result.Problems) == 0 {
		return nil, errors.New("nothing to look at: no Kubernetes object in what was read")
	}
	for _, p := range result.Problems {
		problems = append(problems, fmt.Errorf("%s:%d: %s", p.At.File, p.At.Line, p.Message))
	}
	found.sort()
	return problems, nil
}

func matchesAny(globs []string, namespace string) bool {
	return len(globs) == 0 || slices.ContainsFunc(globs, func(glob string) bool { return rule.Match(glob, namespace) })
}

// defaultKinds are the kinds that the mutating webhook sets something in: those of the rules that are marked as defaults.
func defaultKinds(e *engine.Engine) (kinds []string) {
	for _, r := range e.Rules() {
		if !r.Default {
			continue
		}
		for _, kind := range r.Kinds {
			if !slices.Contains(kinds, kind) {
				kinds = append(kinds, kind)
			}
		}
	}
	slices.Sort(kinds)
	return kinds
}

// injections are what was found, and what became of it.
type injections struct {
	Objects []injectedObject `json:"objects"`
	// Removing says what --remove does: "" where it was not asked for, else planned or done.
	Removing string `json:"removing,omitempty"`
}

// injectedObject is an object with a record of what tlsward has set.
type injectedObject struct {
	Group     string          `json:"group"`
	Kind      string          `json:"kind"`
	Namespace string          `json:"namespace"`
	Name      string          `json:"name"`
	File      string          `json:"file,omitempty"`
	Line      int             `json:"line,omitempty"`
	Values    []injectedValue `json:"values"`
	// Refused says why the values are not taken away.
	Refused string `json:"refused,omitempty"`

	object kube.Object
}

// injectedValue is a value that tlsward has set, and what stands there now: nil for nothing.
type injectedValue struct {
	Path string `json:"path"`
	Set  any    `json:"set"`
	Now  any    `json:"now"`
	// State is injected, changed by somebody since, or gone.
	State string `json:"state"`
}

const (
	stateInjected = "injected"
	stateChanged  = "changed"
	stateGone     = "gone"
)

// injectedIn reads the record of an object; nil where there is none.
func injectedIn(obj kube.Object) *injectedObject {
	recorded := engine.InjectedIn(obj)
	if len(recorded) == 0 {
		return nil
	}
	found := injectedObject{Group: obj.ID.Group, Kind: obj.ID.Kind, Namespace: obj.ID.Namespace, Name: obj.ID.Name, object: obj}
	for _, r := range recorded {
		v := injectedValue{Path: r.Path, Set: r.Set, Now: r.Now, State: stateGone}
		switch {
		case r.Ours:
			v.State = stateInjected
		case r.There:
			v.State = stateChanged
		}
		found.Values = append(found.Values, v)
	}
	return &found
}

func (f *injections) add(o injectedObject) { f.Objects = append(f.Objects, o) }

func (f *injections) sort() {
	slices.SortStableFunc(f.Objects, func(a, b injectedObject) int {
		return cmp.Or(a.object.ID.Compare(b.object.ID), cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
}

// count counts the objects and values that are still ours; left are the objects of which nothing is taken away.
func (f *injections) count() (objects, values, left int) {
	for _, o := range f.Objects {
		n := 0
		for _, v := range o.Values {
			if v.State == stateInjected {
				n++
			}
		}
		switch {
		case o.Refused != "":
			left++
		case n > 0:
			objects, values = objects+1, values+n
		}
	}
	return objects, values, left
}

// defaultsFormats are the ways to write what was found.
func defaultsFormats(found *injections) []report.Format {
	return []report.Format{
		{Name: "text", Help: "for people: each object, with the values set in it", Write: func(w io.Writer, _ report.Run, s report.Style) error {
			return found.text(w, s)
		}},
		{Name: "json", Help: "for programs: the same, and what stands there now", Write: func(w io.Writer, _ report.Run, _ report.Style) error {
			encoder := json.NewEncoder(w)
			encoder.SetEscapeHTML(false)
			encoder.SetIndent("", "  ")
			written := *found
			if written.Objects == nil {
				written.Objects = []injectedObject{}
			}
			return encoder.Encode(written)
		}},
	}
}

// text writes what was found, for people.
func (f *injections) text(w io.Writer, s report.Style) error {
	t := report.NewTerminal(w, s)
	for _, o := range f.Objects {
		if o.File != "" {
			t.Put(report.InkDim, fmt.Sprintf("%s:%d: ", o.File, o.Line))
		}
		t.Put(report.InkBold, o.object.ID.String())
		t.End()
		for _, v := range o.Values {
			t.Put(report.InkPlain, "  "+v.Path+": "+jsonText(v.Set))
			switch v.State {
			case stateChanged:
				t.Put(report.InkDim, ", and somebody has made that "+jsonText(v.Now)+": theirs, and stays")
			case stateGone:
				t.Put(report.InkDim, ", and somebody has taken that away")
			}
			t.End()
		}
		if o.Refused != "" {
			t.Put(report.InkRed, "  stays: "+o.Refused)
			t.End()
		}
	}
	if len(f.Objects) > 0 {
		t.End()
	}
	t.Put(report.InkBold, f.summary())
	t.End()
	return t.Flush()
}

func (f *injections) summary() string {
	objects, values, left := f.count()
	what := fmt.Sprintf("%s in %s", counted(values, "value"), counted(objects, "object"))
	switch {
	case len(f.Objects) == 0:
		return "nothing here was set by tlsward"
	case f.Removing == removalPlanned:
		what += " would be taken away; nothing is changed without --yes"
	case f.Removing == removalDone:
		what += " taken away"
	default:
		what += " set by tlsward"
	}
	if left > 0 {
		what += fmt.Sprintf("; %s as it is", counted(left, "object")+" left")
	}
	return what
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func jsonText(value any) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Sprintf("%T", value)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
