package lint

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/manifest"
	"github.com/tlsward/tlsward/pki"
	"github.com/tlsward/tlsward/schema"
)

// file is a file that was read.
type file struct {
	name          string
	documents     []*document
	irrelevant    int // objects of kinds that nothing here reads
	kustomization *kustomization
	// header is how many lines were put before the text to read it.
	header int
	err    error
	// locked: the file is as git-crypt keeps it from who has no key.
	locked bool
	// stray: the file was come across in a folder, and has no word of an object. If it cannot be read, it is none that is broken, but
	// something else: an editor's settings with comments in their JSON, say.
	stray bool
	// followed files were read only because a kustomization names them.
	followed bool
	// taken files are a part of a kustomization or chart that was rendered, and nothing by themselves.
	taken bool
	// template files are the input of a chart that was rendered.
	template bool
	// ignores is the text, if it holds ignoreWord.
	ignores string
	// passedOver are the kinds of irrelevant objects that some CRD may define.
	passedOver map[string]bool

	indexed sync.Once
	byID    map[kube.ID][]*document
}

// document is a manifest document with what only its text tells.
type document struct {
	manifest.Document
	stored kube.Object
	source map[string][]facts.Defect
	// made is set for what no file holds as it is: a kustomization or a chart makes it.
	made *origin
	// left marks an object that is not judged because what it belongs to could not be rendered; it was told of already.
	left bool
	// custom resources wait for the CRDs.
	custom bool
	// whole: it is kept though no rule reads it.
	whole bool
}

// reason is what an error says beside the place, which is told with it.
func reason(err error) string {
	var placed *manifest.Error
	if errors.As(err, &placed) {
		return placed.Message
	}
	return err.Error()
}

func readFile(name string) (string, error) { return manifest.ReadFile(name, strings.NewReader("")) }

// find lists the files to read of what the caller named, and the links that lead too far.
func find(paths []string, limits *bounds, o Options) (names []string, outside []Skipped, problems []Problem) {
	found, links, errs := manifest.FindWanted(paths, cmp.Or(o.Repository, o.Boundary), limits.mayFollow)
	for _, link := range links {
		outside = append(outside, Skipped{kube.Position{File: link}, "behind a symbolic link that leads outside of what may be read; give that path too"})
	}
	names, problems = o.wanted(found, errs)
	for _, rulebook := range o.Rulebooks {
		names = withoutScenes(names, rulebook, paths)
	}
	return names, outside, problems
}

// withoutScenes leaves out the files of a rulebook's folder, unless a path that is given lies in it.
func withoutScenes(names []string, rulebook string, given []string) []string {
	dir, err := filepath.Abs(rulebook)
	if err != nil {
		return names
	}
	inside := func(path string) bool {
		path, err := filepath.Abs(path)
		return err == nil && below(dir, path)
	}
	if slices.ContainsFunc(given, inside) {
		return names
	}
	return slices.DeleteFunc(names, func(name string) bool { return name != manifest.Stdin && inside(name) })
}

// findNamed lists the files of what a kustomization names: it is read whether ignored or not, as a part of that.
func findNamed(paths []string, o Options) (names []string, problems []Problem) {
	return o.wanted(manifest.Find(paths))
}

func (o Options) wanted(found []string, errs []*manifest.Error) (names []string, problems []Problem) {
	for _, err := range errs {
		problems = append(problems, Problem{err.At, err.Message})
	}
	excluded := newExclusions(o.Exclude)
	for _, f := range found {
		if _, read := o.readBefore[f]; !read && !excluded.holds(f) {
			names = append(names, f)
		}
	}
	return names, problems
}

// exclusions are the files of Options.Exclude, by the last part of their names and of what links lead to: so that of thousands of files
// only those are looked at that may be one of them.
type exclusions map[string][]os.FileInfo

func newExclusions(names []string) exclusions {
	list := exclusions{}
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			continue // it is still to be made
		}
		base := filepath.Base(name)
		list[base] = append(list[base], info)
		if path, known := real(name); known && filepath.Base(path) != base {
			list[filepath.Base(path)] = append(list[filepath.Base(path)], info)
		}
	}
	return list
}

// holds tells files by what they are: one may be named by several paths.
func (e exclusions) holds(name string) bool {
	same := e[filepath.Base(name)]
	if len(same) == 0 {
		return false
	}
	info, err := os.Stat(name)
	return err == nil && slices.ContainsFunc(same, func(other os.FileInfo) bool { return os.SameFile(info, other) })
}

// readAll reads and decodes files on all workers, and keeps their order; of a run that was given up, none may be there.
func readAll(ctx context.Context, names []string, o Options) []*file {
	files := make([]*file, len(names))
	for i, name := range names {
		files[i] = &file{name: name, err: context.Canceled}
	}
	relevant := relevantKinds(o)
	o.each(ctx, reading, len(names), func(i int) { files[i] = read(names[i], relevant, o) })
	return files
}

// gitCrypt is how a file begins that git-crypt has encrypted (commands.cpp, its header).
const gitCrypt = "\x00GITCRYPT\x00"

func read(name string, relevant func(group, kind string) bool, o Options) *file {
	f := &file{name: name}
	data, err := o.ReadFile(name)
	if err != nil {
		f.err = err
		return f
	}
	if strings.HasPrefix(data, gitCrypt) {
		f.locked = true
		return f
	}
	// Workloads and releases are many, and few run a controller. A file without them is not searched for one.
	providers := o.Reviewer.Providers()
	names := func(text string) bool { return strings.Contains(data, text) }
	runs := sync.OnceValue(func() bool { return slices.ContainsFunc(providers.Programs(), names) })
	installs := sync.OnceValue(func() bool { return slices.ContainsFunc(providers.Charts(), names) })
	mentioned := providers.MentionedIn(names)
	options := manifest.Options{Relevant: func(group, kind string) bool {
		groupKind := kube.GroupKind(group, kind)
		return relevant(group, kind) || mentioned[groupKind] ||
			providers.Incidental(groupKind) && (runs() || providers.Releases(groupKind) && installs())
	}}
	documents := manifest.ReadText(name, data, options)
	if isKustomizationFile(name) && !slices.ContainsFunc(documents, func(d manifest.Document) bool { return d.Status == manifest.Object }) {
		// kind and apiVersion may be left out of it. Nothing is located in this text, and its lines are counted without it.
		f.header = strings.Count(kustomizationHeader, "\n")
		documents = manifest.ReadText(name, kustomizationHeader+data, options)
	}
	f.findIgnores(data, documents)
	f.stray = !strings.Contains(data, "apiVersion") && !strings.Contains(data, "\x00") // as UTF-16 has it
	for i := range documents {
		if d := documents[i]; d.Status == manifest.Object && mentioned[d.Object.ID.GroupKind()] && !relevant(d.Object.ID.Group, d.Object.ID.Kind) &&
			!providers.Incidental(d.Object.ID.GroupKind()) && !providers.Mentions(d.Object) {
			f.irrelevant++
			continue
		}
		if documents[i].Status == manifest.Irrelevant {
			f.irrelevant++
			if o.Schemas != nil && isCustom(documents[i].Object) {
				if f.passedOver == nil {
					f.passedOver = map[string]bool{}
				}
				f.passedOver[documents[i].Object.ID.GroupKind()] = true
			}
			continue
		}
		f.documents = append(f.documents, newDocument(documents[i], o))
	}
	if isKustomizationFile(name) {
		if k, ok := readKustomization(name, f.documents); ok {
			f.kustomization = &k
		}
	}
	return f
}

// findIgnores keeps the text of a file in which comments may suppress something.
func (f *file) findIgnores(data string, documents []manifest.Document) {
	text := data
	if len(documents) > 0 && documents[0].Text() != "" {
		text = documents[0].Text() // what UTF-16 means
	}
	if strings.Contains(text, ignoreWord) {
		f.ignores = data
	}
}

// newDocument makes of a document what the API server would store, and notes what only the text tells.
func newDocument(d manifest.Document, o Options) *document {
	doc := &document{Document: d}
	if d.Status != manifest.Object {
		return doc
	}
	doc.whole = d.Object.ID.Group != "" && slices.Contains(o.wantedKinds, d.Object.ID.GroupKind())
	if providers := o.Reviewer.Providers(); providers.Incidental(d.Object.ID.GroupKind()) && !providers.Mentions(d.Object) {
		// Nobody judges it, its text included.
		doc.stored = inventory.Slim(o.Reviewer.Providers(), schema.Stored(d.Object))
		doc.Object.Fields = doc.stored.Fields
		return doc
	}
	for _, duplicate := range d.Duplicates {
		doc.defect(facts.DuplicateKey, duplicate.Path,
			fmt.Sprintf("%s stands twice; the first, in line %d, does not count", duplicate.Path, duplicate.First.Line))
	}
	doc.custom = o.Schemas != nil && isCustom(d.Object)
	if !d.Encrypted {
		for _, violation := range schema.Check(d.Object) {
			if violation.Kind == schema.InvalidValue && placeholder(d.Object, violation.Path) {
				continue
			}
			kind := facts.WrongType
			if violation.Kind == schema.UnknownField {
				kind = facts.UnknownField
			}
			doc.defect(kind, violation.Path, violation.Message)
		}
	}
	if o.Repository != "" && !d.Encrypted {
		if keys := privateKeys(d.Object); len(keys) > 0 && o.keeps(d.File) {
			for _, path := range keys {
				doc.defect(facts.PrivateKey, path, fmt.Sprintf("%s of %s holds a private key in clear text", path[1], d.Object.ID))
			}
		}
	}
	doc.stored = schema.Stored(d.Object)
	if !doc.custom {
		doc.slim(o.Reviewer)
	}
	return doc
}

// keeps reports whether the repository holds a file.
func (o Options) keeps(name string) bool {
	if o.Repository == "" || name == manifest.Stdin {
		return false
	}
	repository, known := real(o.Repository)
	path, ok := real(name)
	return known && ok && below(repository, path)
}

// privateKeys lists the entries of a Secret or ConfigMap that hold a private key for everybody to read.
func privateKeys(obj kube.Object) (paths []kube.Path) {
	if obj.ID.Group != "" || obj.ID.Kind != "Secret" && obj.ID.Kind != "ConfigMap" {
		return nil
	}
	for _, field := range []string{"data", "stringData", "binaryData"} {
		entries, _ := obj.Fields[field].(map[string]any)
		encoded := field == "binaryData" || field == "data" && obj.ID.Kind == "Secret"
		for _, key := range kube.SortedKeys(entries) {
			text, _ := entries[key].(string)
			if holdsPrivateKey(text, encoded) {
				paths = append(paths, kube.Path{field, key})
			}
		}
	}
	return paths
}

func holdsPrivateKey(text string, encoded bool) bool {
	if len(text) < leastKeyText || pki.Opaque(text) {
		return false
	}
	if !encoded {
		return strings.Contains(text, pemBegin) && pki.HoldsPrivateKey([]byte(text))
	}
	decoded, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	defer clear(decoded)
	return err == nil && bytes.Contains(decoded, []byte(pemBegin)) && pki.HoldsPrivateKey(decoded)
}

const (
	pemBegin = "-----BEGIN "
	// leastKeyText is less than the shortest PEM text of a key.
	leastKeyText = 64
)

// slim lets go of what nobody asks of an object that nobody reviews.
func (d *document) slim(reviewer Reviewer) {
	if !d.whole && d.source == nil && d.Object.ID.Group != kustomizationGroup && !reviewer.Judges(d.Object) {
		d.stored = inventory.Slim(reviewer.Providers(), d.stored)
		d.Object.Fields = d.stored.Fields
	}
}

// placeholder reports whether something else fills in a value before the API server sees it.
func placeholder(obj kube.Object, path kube.Path) bool {
	value, _ := kube.Lookup(obj.Fields, path)
	s, ok := value.(string)
	return ok && pki.Opaque(s)
}

func (d *document) defect(kind string, path kube.Path, message string) {
	d.note(kind, facts.Defect{Path: path, Message: message})
}

func (d *document) note(kind string, defect facts.Defect) {
	if d.source == nil {
		d.source = map[string][]facts.Defect{}
	}
	d.source[kind] = append(d.source[kind], defect)
}

// classify counts documents and says which of them hold nothing to judge.
func (r *Result) classify(files []*file) {
	patches := patched(files)
	for _, f := range files {
		r.files[f.name] = f
		if f.err != nil {
			r.Problems = append(r.Problems, Problem{kube.Position{File: f.name}, reason(f.err)})
			continue
		}
		if f.taken {
			continue
		}
		if f.locked {
			r.Skipped = append(r.Skipped, Skipped{kube.Position{File: f.name}, "encrypted by git-crypt"})
			continue
		}
		r.Objects += f.irrelevant
		for _, d := range f.documents {
			at := kube.Position{File: f.name, Line: d.Line}
			switch d.Status {
			case manifest.Object:
				if patches[f.name] {
					// A patch is a part of an object, and would be judged as if the rest were missing.
					d.Status = manifest.Foreign
					r.Skipped = append(r.Skipped, Skipped{at, "kustomize patch, judged only as part of what it patches"})
					continue
				}
				r.Objects++
			case manifest.Broken:
				if d.Err != nil && d.Err.At.Line > 0 {
					at = d.Err.At
				}
				if f.stray {
					r.Skipped = append(r.Skipped, Skipped{at, manifest.Foreign.String() + ", nor to be read as YAML"})
					continue
				}
				r.Problems = append(r.Problems, Problem{at, d.Err.Message})
			case manifest.Values, manifest.Foreign, manifest.Template:
				if name := filepath.Base(f.name); !d.left && name != "Chart.yaml" && !isKustomizationFile(name) {
					r.Skipped = append(r.Skipped, Skipped{at, d.Status.String()})
				}
			case manifest.Empty, manifest.Irrelevant:
			}
		}
	}
}
