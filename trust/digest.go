package trust

import (
	"github.com/tlsward/tlsward/facts"
	"github.com/tlsward/tlsward/inventory"
	"github.com/tlsward/tlsward/kube"
)

// digest is what is kept of an object: the documents of its references, which hold much that nobody asks for here, are let go.
type digest struct {
	Seen
	references []reference
}

// reference is what a reference document says, as far as an inventory needs it.
type reference struct {
	role, title, use, usage, key, path  string
	grant, presence, keyPresence, state string
	optional, idle, parent              bool
	target, producer, signer            kube.ID
	chain                               string
	entry                               *inventory.Entry
}

func (s Seen) digest() digest {
	d := digest{Seen: s, references: make([]reference, len(s.References))}
	d.References = nil
	for i, r := range s.References {
		d.references[i] = digestOf(r)
	}
	return d
}

func digestOf(referred facts.Referred) reference {
	doc := referred.Document
	r := reference{
		role: text(doc, "role"), title: text(doc, "title"), use: text(doc, "use"), usage: text(doc, "usage"), key: text(doc, "key"),
		path: pathText(doc["path"]), grant: text(doc, "grant"), presence: text(doc, "presence"), keyPresence: text(doc, "key_presence"),
		state: text(doc, "state"), optional: doc["optional"] == true, idle: doc["in_force"] == false, parent: referred.Parent,
		target: id(doc), entry: referred.Entry,
	}
	if producer, ok := doc["producer"].(map[string]any); ok {
		r.producer, r.chain = id(producer), text(producer, "chain")
		if signer, ok := producer["signer"].(map[string]any); ok {
			r.signer = id(signer)
		}
	}
	return r
}

func id(doc map[string]any) kube.ID {
	return kube.ID{Group: text(doc, "group"), Kind: text(doc, "kind"), Namespace: text(doc, "namespace"), Name: text(doc, "name")}
}

func text(doc map[string]any, field string) string {
	s, _ := doc[field].(string)
	return s
}

// pathText writes a path of a document as messages do.
func pathText(value any) string {
	steps, _ := value.([]any)
	path := make(kube.Path, 0, len(steps))
	for _, step := range steps {
		if index, ok := step.(int64); ok {
			path = append(path, int(index))
		} else {
			path = append(path, step)
		}
	}
	return path.String()
}
