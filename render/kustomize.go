package render

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"sigs.k8s.io/json"
	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/yaml"
)

// Absent stands for the content of a file that a generator names and that is not there: it is made by something else
// first, as secrets are that nobody commits. It looks like ciphertext, so that nobody judges it.
const Absent = "ENC[not in this tree]"

// Object is one object that a kustomization makes.
type Object struct {
	Fields map[string]any
	// File is where the object stands, before anything changed it; "" if it was generated.
	File string
	// Configured is the kustomization, or the configuration, that generates the object; "" if it stands in a file.
	Configured string
	// Changes are what changed it, in order.
	Changes []Change
}

// Change is one step that changed an object.
type Change struct {
	// File is the kustomization that asks for it, or the configuration of a transformer.
	File string
	// By is the kind of kustomize's transformer: PatchTransformer, NamespaceTransformer.
	By string
}

// Kustomization is what a kustomization makes.
type Kustomization struct {
	Objects []Object
	// Others counts the objects that wanted left out.
	Others int
	// Taken are the files that were taken in, those of bases included.
	Taken []string
}

// one renders many kustomizations at a time, but alone those that name a schema: kustomize keeps it in one global place.
var one sync.RWMutex

// schema has kustomize read its schema before two of its runs do so at once.
var schema = sync.OnceFunc(func() { openapi.Schema() })

// Kustomize renders the kustomization of a folder. wanted says which kinds are of interest; nil wants all.
func Kustomize(ctx context.Context, dir string, files Files, wanted func(group, kind string) bool) (*Kustomization, error) {
	return within(ctx, maxTime, func() (*Kustomization, error) { return kustomize(dir, files, wanted) })
}

func kustomize(dir string, files Files, wanted func(group, kind string) bool) (*Kustomization, error) {
	d := &disk{store: newStore(files), replaced: map[string][]byte{}}
	root, info, err := d.resolve(dir)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s: not a directory", dir)
	}
	plan := planner{disk: d}
	if err := plan.visit(root, 0); err != nil {
		return nil, shorten(err, root)
	}
	asked, err := d.askForOrigins(plan.rootFile)
	if err != nil {
		return nil, shorten(err, root)
	}
	schema()
	if plan.schema {
		one.Lock()
		defer one.Unlock()
		defer openapi.Schema()
		defer openapi.ResetOpenAPI()
	} else {
		one.RLock()
		defer one.RUnlock()
	}
	options := krusty.MakeDefaultOptions()
	// The restriction that kustomize knows is to the kustomization's own folder; disk restricts it to what may be read.
	options.LoadRestrictions = types.LoadRestrictionsNone
	made, err := quietly(func() (resmap.ResMap, error) { return krusty.MakeKustomizer(options).Run(d, root) })
	switch {
	case types.IsErrOnlyBuiltinPluginsAllowed(err):
		return nil, refuse("it needs a plugin, and none is run")
	case err != nil:
		return nil, shorten(err, root)
	case made.Size() > maxObjects:
		return nil, fmt.Errorf("makes %d objects, more than %d", made.Size(), maxObjects)
	}
	result := &Kustomization{Taken: d.list()}
	for _, r := range made.Resources() {
		gvk := r.GetGvk()
		if wanted != nil && !wanted(gvk.Group, gvk.Kind) {
			result.Others++
			continue
		}
		object, err := object(root, r, asked)
		if err != nil {
			return nil, shorten(err, root)
		}
		result.Objects = append(result.Objects, object)
	}
	return result, nil
}

// shorten takes the machine's folders out of an error, and what kustomize wraps around the end that matters.
func shorten(err error, root string) error {
	var refused *Refused
	if errors.As(err, &refused) {
		return err
	}
	text := withoutData(err.Error())
	above := filepath.Dir(root)
	text = strings.ReplaceAll(text, root+string(filepath.Separator), "")
	text = strings.ReplaceAll(text, root, ".")
	if above != string(filepath.Separator) {
		text = strings.ReplaceAll(text, above+string(filepath.Separator), "../")
	}
	text = strings.Join(strings.Fields(text), " ")
	const most = 400
	if len(text) > most {
		text = text[:most/4] + " ... " + text[len(text)-3*most/4:]
	}
	return errors.New(strings.ToValidUTF8(text, ""))
}

// askForOrigins has kustomize note where objects come from and what changes them, and returns what it was asked for anyway.
func (d *disk) askForOrigins(file string) (asked []string, err error) {
	data, err := d.read(file)
	if err != nil {
		return nil, err
	}
	var fields map[string]any
	if err := yaml.UnmarshalStrict(data, &fields); err != nil {
		return nil, err
	}
	if len(fields) == 0 {
		return nil, errors.New("the kustomization is empty")
	}
	list, _ := fields["buildMetadata"].([]any)
	for _, option := range list {
		if s, ok := option.(string); ok {
			asked = append(asked, s)
		}
	}
	for _, option := range []string{types.OriginAnnotations, types.TransformerAnnotations} {
		if !slices.Contains(asked, option) {
			list = append(list, option)
		}
	}
	fields["buildMetadata"] = list
	if d.replaced[file], err = yaml.Marshal(fields); err != nil {
		return nil, err
	}
	return asked, nil
}

const (
	originAnnotation         = "config.kubernetes.io/origin"
	transformationAnnotation = "alpha.config.kubernetes.io/transformations"
)

// object reads what kustomize made, without the notes that nobody but us asked for.
func object(root string, r *resource.Resource, asked []string) (Object, error) {
	var o Object
	if origin, err := r.GetOrigin(); err == nil && origin != nil {
		if origin.ConfiguredIn != "" {
			o.Configured = filepath.Join(root, origin.ConfiguredIn)
		} else if origin.Path != "" && origin.Repo == "" {
			o.File = filepath.Join(root, origin.Path)
		}
	}
	if changes, err := r.GetTransformations(); err == nil {
		for _, change := range changes {
			o.Changes = append(o.Changes, Change{filepath.Join(root, change.ConfiguredIn), change.ConfiguredBy.Kind})
		}
	}
	text, err := r.MarshalJSON()
	if err != nil {
		return o, err
	}
	if err := json.UnmarshalCaseSensitivePreserveInts(text, &o.Fields); err != nil {
		return o, err
	}
	metadata, _ := o.Fields["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	if !slices.Contains(asked, types.OriginAnnotations) {
		delete(annotations, originAnnotation)
	}
	if !slices.Contains(asked, types.TransformerAnnotations) {
		delete(annotations, transformationAnnotation)
	}
	if annotations != nil && len(annotations) == 0 {
		delete(metadata, "annotations")
	}
	return o, nil
}

// planner looks at all that a kustomization takes in before kustomize does, which would fetch what is remote.
type planner struct {
	*disk
	rootFile string
	visits   int
	schema   bool
}

// visit looks at the kustomization of a folder, and at those that it takes in.
func (p *planner) visit(dir string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("kustomizations take in one another more than %d deep", maxDepth)
	}
	if p.visits++; p.visits > maxVisits {
		return fmt.Errorf("takes in more than %d kustomizations", maxVisits)
	}
	file, err := p.kustomizationFile(dir)
	if err != nil {
		return err
	}
	if depth == 0 {
		p.rootFile = file
	}
	data, err := p.read(file)
	if err != nil {
		return err
	}
	var k types.Kustomization
	if err := k.Unmarshal(data); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	k.FixKustomization()
	if len(k.HelmCharts) > 0 || len(k.HelmChartInflationGenerator) > 0 {
		return refuse("it inflates a Helm chart, which takes a program")
	}
	p.schema = p.schema || len(k.OpenAPI) > 0
	for _, entry := range slices.Concat(k.Resources, k.Components) {
		if err := p.resource(dir, entry, depth); err != nil {
			return err
		}
	}
	for _, entry := range slices.Concat(k.Generators, k.Transformers, k.Validators) {
		if err := p.plugin(dir, entry, depth); err != nil {
			return err
		}
	}
	for _, entry := range slices.Concat(k.Crds, k.Configurations, []string{k.OpenAPI["path"]}) {
		if err := p.file(dir, entry); err != nil {
			return err
		}
	}
	for _, replacement := range k.Replacements {
		if err := p.file(dir, replacement.Path); err != nil {
			return err
		}
	}
	if err := p.patchFiles(dir, &k); err != nil {
		return err
	}
	for i := range k.ConfigMapGenerator {
		if err := p.generator(dir, &k.ConfigMapGenerator[i].GeneratorArgs); err != nil {
			return err
		}
	}
	for i := range k.SecretGenerator {
		if err := p.generator(dir, &k.SecretGenerator[i].GeneratorArgs); err != nil {
			return err
		}
	}
	return nil
}

func (p *planner) kustomizationFile(dir string) (string, error) {
	for _, name := range konfig.RecognizedKustomizationFileNames() {
		file := filepath.Join(dir, name)
		if _, _, err := p.resolve(file); err == nil {
			return file, nil
		} else if errors.Is(err, errOutside) {
			return "", err
		}
	}
	return "", fmt.Errorf("%s: no kustomization: %w", dir, fs.ErrNotExist)
}

// remote reports whether kustomize may take an entry for something to fetch. It takes in all that it would, and a local
// file that is called so is rare.
func remote(entry string) bool {
	lower := strings.ToLower(entry)
	for _, host := range []string{"github.com", "www.github.com", "ssh.github.com", "gh:"} {
		if strings.HasPrefix(lower, host) {
			return true
		}
	}
	return strings.ContainsAny(entry, ":@?")
}

// local resolves an entry; info is nil of "" and inline texts.
func (p *planner) local(dir, entry string) (path string, isDir bool, err error) {
	if remote(entry) {
		return "", false, refuse("it takes in %s, and nothing is fetched", entry)
	}
	if filepath.IsAbs(entry) {
		return "", false, refuse("it takes in %s, an absolute path", entry)
	}
	path, info, err := p.resolve(filepath.Join(dir, filepath.FromSlash(entry)))
	switch {
	case errors.Is(err, errOutside):
		return "", false, refuse("it takes in %s, outside of what may be read", entry)
	case errors.Is(err, fs.ErrNotExist):
		return "", false, refuse("it takes in %s, which is not there", entry)
	case err != nil:
		return "", false, err
	}
	if !info.IsDir() && !info.Mode().IsRegular() {
		return "", false, refuse("it takes in %s, which is no regular file", entry)
	}
	return path, info.IsDir(), nil
}

func (p *planner) resource(dir, entry string, depth int) error {
	path, isDir, err := p.local(dir, entry)
	if err != nil {
		return err
	}
	if isDir {
		return p.base(path, entry, depth)
	}
	_, err = p.read(path)
	return err
}

func (p *planner) base(path, entry string, depth int) error {
	if _, err := p.kustomizationFile(path); errors.Is(err, fs.ErrNotExist) {
		return refuse("it takes in %s, which holds no kustomization", entry)
	}
	return p.visit(path, depth+1)
}

// plugin looks at the configuration of a generator or transformer: kustomize's own may name files too.
func (p *planner) plugin(dir, entry string, depth int) error {
	text := []byte(entry)
	if !strings.Contains(entry, "\n") {
		path, isDir, err := p.local(dir, entry)
		if err != nil {
			return err
		}
		if isDir {
			return p.base(path, entry, depth)
		}
		if text, err = p.read(path); err != nil {
			return err
		}
	}
	if bytes.Contains(bytes.ToLower(text), []byte("://")) {
		return refuse("a generator or transformer of it names a URL, and nothing is fetched")
	}
	return nil
}

func (p *planner) file(dir, entry string) error {
	if entry == "" || strings.Contains(entry, "\n") {
		return nil
	}
	path, isDir, err := p.local(dir, entry)
	if err != nil {
		return err
	}
	if isDir {
		return fmt.Errorf("%s: a directory, want a file", entry)
	}
	_, err = p.read(path)
	return err
}

func (p *planner) patchFiles(dir string, k *types.Kustomization) error {
	var entries []string
	for _, patch := range k.PatchesStrategicMerge { //nolint:staticcheck // deprecated, and in use
		if !isInline(string(patch)) {
			entries = append(entries, string(patch))
		}
	}
	for _, patch := range slices.Concat(k.Patches, k.PatchesJson6902) { //nolint:staticcheck // the same
		entries = append(entries, patch.Path)
	}
	for _, entry := range entries {
		if entry == "" {
			continue
		}
		if err := p.file(dir, entry); err != nil {
			return err
		}
	}
	return nil
}

// isInline reports whether a strategic merge patch stands in the kustomization itself, rather than in a file.
func isInline(patch string) bool {
	var fields map[string]any
	return strings.Contains(patch, "\n") || yaml.Unmarshal([]byte(patch), &fields) == nil && len(fields) > 0
}

// generator looks at the files of a generated ConfigMap or Secret. Of a file that is not there the key is known, and stands
// for what another tool writes first; of a missing file of variables nothing is.
func (p *planner) generator(dir string, args *types.GeneratorArgs) error {
	for _, entry := range args.FileSources {
		if _, path, named := strings.Cut(entry, "="); named {
			entry = path
		}
		_, _, err := p.local(dir, entry)
		path := filepath.Join(dir, filepath.FromSlash(entry))
		if _, _, missing := p.resolve(path); errors.Is(missing, fs.ErrNotExist) && !remote(entry) && p.mayBe(path) {
			p.replaced[path] = []byte(Absent)
			continue
		}
		if err != nil {
			return err
		}
	}
	for _, entry := range append(args.EnvSources, args.EnvSource) {
		if err := p.file(dir, entry); err != nil {
			return err
		}
	}
	return nil
}

// mayBe reports whether a file that is not there could be read if it were.
func (p *planner) mayBe(path string) bool { return p.files.May == nil || p.files.May(path) }
