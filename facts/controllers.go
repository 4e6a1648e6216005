package facts

import (
	"slices"
	"strings"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
	"github.com/tlsward/tlsward/provider"
)

// certainty says how a controller was told. Most TLS fields mean different things to different controllers, so that a
// rule must know who acts.
type certainty string

const (
	known   certainty = "known"   // by a class object or by config
	assumed certainty = "assumed" // by a usual class name, or by annotations that only one controller reads
)

type acting struct {
	by      []actor // one or two, each once
	class   string
	unknown string // why no controller could be told
	// controller is what the class object says of itself: its spec.controller, whoever that is.
	controller string
}

// actor is a controller that acts.
type actor struct {
	name string
	told
}

type told struct {
	certainty certainty
	reason    string
}

func (a acting) document() map[string]any {
	doc := make(map[string]any, len(a.by))
	for _, by := range a.by {
		doc[by.name] = map[string]any{"certainty": string(by.certainty), "reason": by.reason}
	}
	return doc
}

func (a *acting) add(name string, t told) {
	i := slices.IndexFunc(a.by, func(by actor) bool { return by.name == name })
	switch {
	case i < 0:
		a.by = append(a.by, actor{name, t})
	case a.by[i].certainty == assumed && t.certainty == known:
		a.by[i].told = t
	}
}

// acts reports whether a controller is among them.
func (a acting) acts(name string) bool {
	return slices.ContainsFunc(a.by, func(by actor) bool { return by.name == name })
}

func (a acting) any(names []string) bool {
	return slices.ContainsFunc(names, a.acts)
}

// maxHops bounds the way from an object to its class: policy, route, Gateway, class.
const maxHops = 4

// resolve tells which controllers will act on an object.
func (g *gathering) resolve(obj kube.Object, hops int) acting {
	var a acting
	if hops == maxHops {
		return a
	}
	for _, kind := range g.Providers.Kinds(obj.ID.GroupKind()) {
		if kind.Acting == nil {
			continue
		}
		if kind.Acting.By != "" {
			a.add(kind.Acting.By, told{known, "nobody else reads objects of its kind"})
		}
		if len(kind.Acting.Class) > 0 {
			g.byClass(&a, obj, kind.Acting)
		}
		for _, role := range kind.Acting.Parents {
			g.byParents(&a, obj, kind, role, hops)
		}
		for _, through := range kind.Acting.Through {
			g.byThrough(&a, obj, kind, through, hops)
		}
		if len(a.by) == 0 && a.unknown == "" {
			a.unknown = "nothing in " + g.Scope + " says which controller acts on it"
		}
	}
	if len(g.Only) > 0 {
		g.restrict(&a)
	}
	return a
}

// restrict applies controllers.only of the config.
func (g *gathering) restrict(a *acting) {
	var excluded []actor
	a.by = slices.DeleteFunc(a.by, func(by actor) bool {
		out := !slices.Contains(g.Only, by.name)
		if out {
			excluded = append(excluded, by)
		}
		return out
	})
	for _, by := range excluded {
		g.replace(a, by.name, by.told)
	}
	if len(a.by) == 0 && a.unknown != "" {
		for _, name := range g.Only {
			a.add(name, told{known, "the config says that only " + strings.Join(g.Only, " and ") + " acts here"})
		}
	}
}

// replace lets a controller act where another one, which the config excludes, would.
func (g *gathering) replace(a *acting, name string, t told) {
	for i := range g.Providers.Providers {
		for _, c := range g.Providers.Providers[i].Controllers {
			if c.InsteadOf == name && slices.Contains(g.Only, c.Name) {
				a.add(c.Name, t)
			}
		}
	}
}

// className returns the name of the class that an object asks for.
func className(obj kube.Object, how *provider.Acting) string {
	for _, path := range how.Class {
		if value, ok := path.First(obj.Fields); ok {
			if name, _ := value.(string); name != "" {
				return name
			}
		}
	}
	return ""
}

func (g *gathering) byClass(a *acting, obj kube.Object, how *provider.Acting) {
	a.class = className(obj, how)
	if a.class == "" && how.DefaultAnnotation != "" {
		if class, ok := g.defaultClass(obj, how); ok {
			g.fromClassObject(a, class, how, assumed, "its class is by default "+class.ID.Name)
			return
		}
	}
	if name, ok := g.Classes[a.class]; ok && a.class != "" {
		a.add(name, told{known, "the config says that class " + a.class + " is " + name})
		return
	}
	group, kind := kube.SplitGroupKind(how.Kind)
	if a.class != "" {
		found := g.Inventory.Get(inventory.Ref{To: kube.ID{Group: group, Kind: kind, Name: a.class}, Cluster: true, From: obj.ID})
		if found.Entry != nil {
			g.fromClassObject(a, found.Entry.Object(), how, known, kind+" "+a.class)
			return
		}
	}
	g.assume(a, obj, how.Kind)
}

// assume tells a controller by what people usually write, where no class object is in sight: a class usually lives in
// another repository.
func (g *gathering) assume(a *acting, obj kube.Object, classKind string) {
	byName := map[string]bool{}
	byAnnotation := map[string]string{}
	metadata, _ := obj.Fields["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	for i := range g.Providers.Providers {
		for _, c := range g.Providers.Providers[i].Controllers {
			for _, class := range c.Classes {
				if a.class != "" && class.Kind == classKind && slices.Contains(class.Names, a.class) {
					byName[c.Name] = true
				}
			}
			for _, prefix := range c.Annotations {
				for key := range annotations {
					if strings.HasPrefix(key, prefix) && servesKind(c, classKind) {
						byAnnotation[c.Name] = prefix
					}
				}
			}
		}
	}
	for name, prefix := range byAnnotation {
		// A class name that belongs to somebody else speaks against the annotations.
		if len(byName) == 0 || byName[name] {
			a.add(name, told{assumed, "it carries annotations " + prefix + "*"})
		}
	}
	if len(a.by) > 0 {
		return
	}
	for name := range byName {
		a.add(name, told{assumed, "class name " + a.class})
	}
	if len(a.by) == 0 && a.class != "" {
		_, kind := kube.SplitGroupKind(classKind)
		a.unknown = kind + " " + a.class + " is not in " + g.Scope + ", and no controller is known by that name"
	}
}

func servesKind(c provider.Controller, classKind string) bool {
	return slices.ContainsFunc(c.Classes, func(class provider.Class) bool { return class.Kind == classKind })
}

func (g *gathering) defaultClass(obj kube.Object, how *provider.Acting) (kube.Object, bool) {
	for _, entry := range g.Inventory.Kind(how.Kind, "", obj.ID) {
		metadata, _ := entry.Object().Fields["metadata"].(map[string]any)
		annotations, _ := metadata["annotations"].(map[string]any)
		if annotations[how.DefaultAnnotation] == "true" {
			return entry.Object(), true
		}
	}
	return kube.Object{}, false
}

func (g *gathering) fromClassObject(a *acting, class kube.Object, how *provider.Acting, c certainty, reason string) {
	value, _ := how.Controller.First(class.Fields)
	text, _ := value.(string)
	if text == "" {
		a.unknown = class.ID.String() + " names no controller"
		return
	}
	a.controller = text
	found := false
	for i := range g.Providers.Providers {
		for _, controller := range g.Providers.Providers[i].Controllers {
			for _, known := range controller.Classes {
				if known.Kind == how.Kind && known.Controller == text {
					a.add(controller.Name, told{c, reason})
					found = true
				}
			}
		}
	}
	for _, controller := range g.Providers.ConfiguredControllers() {
		if !found && servesKind(*controller, how.Kind) && g.listens(controller, text) {
			a.add(controller.Name, told{c, reason})
			found = true
		}
	}
	if !found {
		// A controller nobody described: known not to be any of ours.
		a.add(text, told{c, reason})
	}
}

// apart reports whether another proxy serves an object that shares something with this one.
func (g *gathering) apart(a acting, other kube.Object) bool {
	if a.class == "" && len(a.by) == 0 {
		return false
	}
	// The same neighbour may share many hosts; twins of one identity may differ in class.
	key := neighbour{id: other.ID}
	for _, kind := range g.Providers.Kinds(other.ID.GroupKind()) {
		if kind.Acting != nil && key.class == "" {
			key.class = className(other, kind.Acting)
		}
	}
	if a.class != "" && a.class == key.class {
		return false
	}
	verdict, judged := g.neighbours[key]
	if !judged {
		verdict = g.separate(a, g.resolve(other, 0))
		if g.neighbours == nil {
			g.neighbours = map[neighbour]bool{}
		}
		g.neighbours[key] = verdict
	}
	return verdict
}

// neighbour is an object that shares something with the one under review, as its class shows it.
type neighbour struct {
	id    kube.ID
	class string
}

// separate reports whether different proxies serve two objects that do not name the same class.
func (g *gathering) separate(a, b acting) bool {
	switch {
	case len(a.by) > 0 && len(b.by) > 0 && !slices.ContainsFunc(b.by, func(by actor) bool { return a.acts(by.name) }):
		return true
	case a.class == "" || b.class == "":
		return false
	case a.controller != "" && a.controller == b.controller:
		// Two classes of one controller string. Some controllers make no difference between them.
		return !g.together(a)
	default:
		// Classes of one controller, of which it is not known to which installation they belong: usually there are as many.
		return true
	}
}

// together reports whether the controllers serve all of their classes at once.
func (g *gathering) together(a acting) bool {
	for i := range g.Providers.Providers {
		for _, controller := range g.Providers.Providers[i].Controllers {
			if a.acts(controller.Name) && slices.ContainsFunc(controller.Classes, func(c provider.Class) bool { return c.Together }) {
				return true
			}
		}
	}
	return false
}

// byParents adds the controllers of the objects a reference role leads to.
func (g *gathering) byParents(a *acting, obj kube.Object, kind *provider.Kind, role string, hops int) {
	for i := range kind.References {
		reference := &kind.References[i]
		if reference.Role != role {
			continue
		}
		reference.Path.Each(obj.Fields, func(_ kube.Path, value any) {
			target, ok := g.target(obj, reference, value)
			if !ok {
				return
			}
			found := g.Inventory.Get(inventory.Ref{To: target, From: obj.ID})
			if found.Entry == nil {
				a.unknown = g.label(target) + " is not in " + g.Scope
				return
			}
			a.union(g.resolve(found.Entry.Object(), hops+1))
		})
	}
}

// byThrough adds the controllers of the objects that refer to the same targets.
func (g *gathering) byThrough(a *acting, obj kube.Object, kind *provider.Kind, through provider.Through, hops int) {
	for i := range kind.Peers {
		if kind.Peers[i].Name != through.Own {
			continue
		}
		for _, member := range inventory.Memberships(&kind.Peers[i], obj) {
			others := g.Inventory.Sharing(through.Their, member.Key)
			for _, other := range others[:min(len(others), maxList)] {
				a.union(g.resolve(other.Object(), hops+1))
			}
		}
	}
}

func (a *acting) union(other acting) {
	for _, by := range other.by {
		a.add(by.name, by.told)
	}
	if a.unknown == "" {
		a.unknown = other.unknown
	}
	if a.controller == "" {
		a.controller = other.controller
	}
}
