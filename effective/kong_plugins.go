package effective

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
)

const ingressClassKey = "kubernetes.io/ingress.class"

// kongNamed is a plugin as a route, a Service or a label names it. The object is nil where it is not in sight.
type kongNamed struct {
	object *Object
	name   string
	by     Source
	// unseen says what would have to be seen; "" where the plugin is, or where there is none.
	unseen string
}

// kongPlugins lets mtls-auth plugins ask clients for certificates. Of several of one name Kong runs one: that of the route goes before
// that of the Service, and both before the one for all (Kong, kong/runloop/plugins_iterator.lua, lookup_cfg). The controller writes
// plugins of a route and of a Service apart (internal/dataplane/kongstate/kongstate.go, getPluginRelations).
func (l *gatewayListener) kongPlugins(route *Object, filters []kongNamed, services []*Object, values *[aspects]Value) {
	if !l.secure() {
		return
	}
	ofServices := []kongNamed{}
	for _, service := range services {
		ofServices = append(ofServices, l.kongAnnotated(service)...)
	}
	unseen := []kongNamed{}
	for _, level := range [][]kongNamed{append(l.kongAnnotated(route), filters...), ofServices, l.kongGlobal(route, values)} {
		var mutual []kongNamed
		for _, named := range level {
			switch {
			case named.object == nil:
				if named.unseen != "" {
					unseen = append(unseen, named)
				}
			case named.object.Text("plugin") == "mtls-auth" &&
				!slices.ContainsFunc(mutual, func(other kongNamed) bool { return other.object == named.object }):
				mutual = append(mutual, named)
			}
		}
		if len(mutual) > 1 {
			values[Clients] = Unsettled("what was in force before: Kong takes no two plugins mtls-auth in one place, and refuses its whole configuration", mutual[0].by, mutual[1].by)
			return
		}
		if len(mutual) == 1 && kongMutual(mutual[0], values) {
			break
		}
	}
	for _, named := range unseen {
		if values[Clients].Is == Off {
			values[Clients] = Unsettled(named.unseen, named.by)
			continue
		}
		if !slices.ContainsFunc(values[Clients].By, func(s Source) bool { return s.Path.Equal(named.by.Path) && s.Object == named.by.Object }) {
			values[Clients] = values[Clients].Assuming("KongPlugin " + named.name + " is no mtls-auth")
		}
	}
	if values[Clients].Is == Off {
		values[Clients] = values[Clients].Assuming("no plugin of Kong out of sight asks for certificates")
	}
}

// kongAnnotated are the plugins that an object names.
func (l *gatewayListener) kongAnnotated(o *Object) []kongNamed {
	key := kongPrefix + "plugins"
	names, _ := o.Annotation(key)
	var list []kongNamed
	for name := range strings.SplitSeq(names, ",") {
		if name = strings.TrimSpace(name); name != "" {
			list = append(list, l.kongFind(o, name, o.Source("metadata", "annotations", key)))
		}
	}
	return list
}

// kongFind looks for a KongPlugin beside who names it, and for a KongClusterPlugin where there is none.
func (l *gatewayListener) kongFind(from *Object, name string, by Source) kongNamed {
	all := l.proxy.all
	named := kongNamed{name: name, by: by}
	if strings.Contains(name, ":") {
		named.unseen = "whether a ReferenceGrant lets it use KongPlugin " + name + " of another namespace, which is not looked for"
		return named
	}
	named.object = all.find(kongPluginKind, from.ID.Namespace, name)
	if named.object == nil {
		named.object = all.find(kongClusterPlugin, "", name)
	}
	if named.object != nil {
		return named
	}
	absent := func(kind, namespace string) bool {
		id := kube.ID{Group: "configuration.konghq.com", Kind: kind, Namespace: namespace, Name: name}
		return all.tree.Inventory.Get(inventory.Ref{To: id, From: from.ID}).Presence == inventory.Absent
	}
	if !absent("KongPlugin", from.ID.Namespace) || !absent("KongClusterPlugin", "") {
		named.unseen = "what KongPlugin " + name + " does, which is not in " + all.tree.Scope
	}
	return named
}

// kongGlobal are the plugins for all routes: KongClusterPlugins with a label, and of the controller's class. Of two with one name none
// is taken (internal/store/store.go, ListGlobalKongClusterPlugins; kongstate.go, globalKongClusterPlugins).
func (l *gatewayListener) kongGlobal(route *Object, values *[aspects]Value) []kongNamed {
	class := "kong"
	if route.ID.Kind == "Ingress" {
		class = cmp.Or(route.Class(), class)
	}
	var list []kongNamed
	for _, o := range l.proxy.all.tree.Of(kongClusterPlugin) {
		if o.Text("metadata", "labels", "global") != "true" || o.Text("plugin") != "mtls-auth" {
			continue
		}
		own, _ := o.Annotation(ingressClassKey)
		if own == class || own == "" && l.kongDefault(route, class) {
			list = append(list, kongNamed{object: o, name: o.ID.Name, by: o.Source("metadata", "labels", "global")})
			continue
		}
		values[Clients].By = append(slices.Clip(values[Clients].By), o.Source("metadata", "annotations", ingressClassKey).Saying("Kong passes over it: it is not of class "+class))
	}
	if len(list) > 1 {
		values[Clients].By = append(slices.Clip(values[Clients].By), list[0].by.Saying("of two global plugins mtls-auth Kong takes none"), list[1].by)
		return nil
	}
	return list
}

// kongDefault reports whether a class is that of objects without one.
func (l *gatewayListener) kongDefault(from *Object, class string) bool {
	id := kube.ID{Group: "networking.k8s.io", Kind: "IngressClass", Name: class}
	entry := l.proxy.all.tree.Inventory.Get(inventory.Ref{To: id, From: from.ID}).Entry
	if entry == nil {
		return false
	}
	value, _ := kube.Lookup(entry.Object().Fields, kubePath("metadata", "annotations", "ingressclass.kubernetes.io/is-default-class"))
	return value == "true"
}

// kongMutual answers by a plugin mtls-auth; false where it does not run.
func kongMutual(named kongNamed, values *[aspects]Value) bool {
	plugin, by := named.object, named.by
	if plugin.Fields["disabled"] == true {
		if v := values[Clients]; v.Is == Off {
			values[Clients].By = append(slices.Clip(v.By), plugin.Source("disabled").Saying("it switches the plugin off"))
		}
		return false
	}
	secret := func(path string) (Source, bool) {
		if gatewayMap(plugin.Fields, "configFrom") != nil {
			return plugin.Source("configFrom"), true
		}
		for i, patch := range gatewayList(plugin.Fields, "configPatches") {
			if at := text(patch["path"]); at == "" || at == path || strings.HasPrefix(at, path+"/") {
				return plugin.Source("configPatches", i), true
			}
		}
		return Source{}, false
	}
	if plugin.Text("config", "anonymous") != "" {
		// Who has no certificate, or one that does not fit, is let in as that consumer.
		values[Clients] = Answered(Unverified, plugin.Source("config", "anonymous").Saying("who fails is let in as this consumer"), by)
		values[ClientCA] = Answered(None, plugin.Source("config", "anonymous"))
		return true
	}
	if at, hidden := secret("/anonymous"); hidden {
		values[Clients] = Unsettled("what the Secret says of anonymous: with it who has no certificate is let in", at, by)
		return true
	}
	values[Clients] = Answered(Required, plugin.Source("plugin"), by)
	if at, hidden := secret("/ca_certificates"); hidden {
		values[ClientCA] = Unsettled("which CAs the Secret lists", at)
		return true
	}
	ids, _ := plugin.Field("config", "ca_certificates")
	if list := texts(ids); len(list) > 0 {
		values[ClientCA] = Answered("CA "+strings.Join(list, ", "), plugin.Source("config", "ca_certificates"))
	}
	return true
}
