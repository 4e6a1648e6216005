package watch

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/cache"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
)

// feed is what a reflector takes for its store. It keeps only which objects there are, to know what a new list no longer
// holds.
type feed struct {
	stream *stream
	at     resource
}

var (
	_ cache.TransformingStore      = (*feed)(nil)
	_ cache.ReflectorBookmarkStore = (*feed)(nil)
)

// prepared is an object on its way from the API server to the inventory, with nothing in it that the inventory does not
// keep. Reflectors want to see an API object.
type prepared struct {
	metav1.TypeMeta
	metav1.ObjectMeta
	entry *inventory.Entry
	// put: the inventory has it already.
	put bool
}

// DeepCopyObject implements runtime.Object. Nobody copies these.
func (p *prepared) DeepCopyObject() runtime.Object { return p }

func (k *kind) prepare(at resource, obj any) (*prepared, error) {
	if done, ok := obj.(*prepared); ok {
		return done, nil
	}
	read, err := object(k, at, obj)
	if err != nil {
		return nil, err
	}
	return &prepared{
		ObjectMeta: metav1.ObjectMeta{Namespace: read.ID.Namespace, Name: read.ID.Name},
		entry:      k.watcher.options.Store.Prepare(read),
	}, nil
}

// Transformer makes the reflector put each object of a list that is streamed into the inventory as it comes, not all of them at the end. What
// is deleted before the list is whole, Replace takes out.
func (f *feed) Transformer() cache.TransformFunc {
	return func(obj any) (any, error) { return f.take(obj) }
}

// Add puts an object into the inventory.
func (f *feed) Add(obj any) error {
	_, err := f.take(obj)
	return err
}

func (f *feed) take(obj any) (*prepared, error) {
	p, err := f.stream.kind.prepare(f.at, obj)
	if err != nil || p.put {
		return p, err
	}
	f.stream.put(p)
	f.stream.event(func() { f.stream.objects[key{p.Namespace, p.Name}] = struct{}{} })
	return p, nil
}

// Update is Add.
func (f *feed) Update(obj any) error { return f.Add(obj) }

// Delete takes an object out of the inventory.
func (f *feed) Delete(obj any) error {
	m, ok := obj.(metav1.Object)
	if !ok {
		return fmt.Errorf("%s: want an object, got %T", f.stream.kind.groupKind, obj)
	}
	k := key{m.GetNamespace(), m.GetName()}
	f.stream.event(func() { delete(f.stream.objects, k) })
	f.stream.remove(k)
	return nil
}

// Replace makes the inventory hold exactly what a list does, so that a deletion which no watch told is not lost.
func (f *feed) Replace(list []any, _ string) error {
	now := make(map[key]struct{}, len(list))
	for i, obj := range list {
		p, err := f.stream.kind.prepare(f.at, obj)
		if err != nil {
			return err
		}
		list[i] = nil
		if !p.put {
			f.stream.put(p)
		}
		now[key{p.Namespace, p.Name}] = struct{}{}
	}
	var before map[key]struct{}
	var streaming bool
	f.stream.event(func() {
		before, f.stream.objects = f.stream.objects, now
		f.stream.filled, streaming = true, f.stream.streaming
	})
	for k := range before {
		if _, still := now[k]; !still {
			f.stream.remove(k)
		}
	}
	if streaming {
		// The watch that brought the list stays open.
		f.stream.found()
	}
	return nil
}

// Resync has nothing to do: nobody is told things again.
func (f *feed) Resync() error { return nil }

// Bookmark notes that the API server is there though nothing happens.
func (f *feed) Bookmark(string) error {
	f.stream.event(func() {})
	return nil
}

// event notes that the API server has said something.
func (s *stream) event(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastEvent = s.watcher.clock.Now()
	change()
}

func (s *stream) put(p *prepared) {
	s.watcher.options.Store.PutEntry(p.entry)
	p.put = true
	s.changed(p.entry.ID)
}

func (s *stream) remove(k key) {
	id := kube.ID{Group: s.kind.group, Kind: s.kind.name, Namespace: k.namespace, Name: k.name}
	s.watcher.options.Store.Delete(id)
	s.changed(id)
}

func (s *stream) changed(id kube.ID) {
	if s.watcher.options.OnChange != nil {
		s.watcher.options.OnChange(id)
	}
}

// object reads what a client returns. The identity's kind is the one asked for: metadata come under a kind of their own.
func object(k *kind, at resource, obj any) (kube.Object, error) {
	var fields map[string]any
	switch o := obj.(type) {
	case *unstructured.Unstructured:
		fields = slim(o.Object)
	case *metav1.PartialObjectMetadata:
		fields = metadataFields(at, k.name, &o.ObjectMeta)
	case *corev1.Secret:
		fields = secretFields(at, o)
	case *corev1.ConfigMap:
		fields = configMapFields(at, o)
	default:
		return kube.Object{}, fmt.Errorf("%s: want an object, got %T", k.groupKind, obj)
	}
	m, _ := obj.(metav1.Object)
	return kube.Object{
		ID:      kube.ID{Group: k.group, Kind: k.name, Namespace: m.GetNamespace(), Name: m.GetName()},
		Version: at.Version, Fields: fields,
	}, nil
}

// slim takes out of an object what no rule may rest on and what may be larger than all the rest: status, which differs
// between doors, who set which field, and the copy that kubectl keeps. The fields are ours: they were just decoded.
func slim(fields map[string]any) map[string]any {
	delete(fields, "status")
	metadata, _ := fields["metadata"].(map[string]any)
	delete(metadata, "managedFields")
	if annotations, ok := metadata["annotations"].(map[string]any); ok {
		delete(annotations, lastApplied)
	}
	return fields
}

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// metadataFields gives metadata the shape that they have in the whole object.
func metadataFields(at resource, kind string, m *metav1.ObjectMeta) map[string]any {
	metadata := map[string]any{"name": m.Name}
	if m.Namespace != "" {
		metadata["namespace"] = m.Namespace
	}
	if !m.CreationTimestamp.IsZero() {
		metadata["creationTimestamp"] = m.CreationTimestamp.UTC().Format("2006-01-02T15:04:05Z")
	}
	for name, values := range map[string]map[string]string{"labels": m.Labels, "annotations": m.Annotations} {
		shape := make(map[string]any, len(values))
		for key, value := range values {
			if key != lastApplied {
				shape[key] = value
			}
		}
		if len(shape) > 0 {
			metadata[name] = shape
		}
	}
	return map[string]any{"apiVersion": at.GroupVersion().String(), "kind": kind, "metadata": metadata}
}
