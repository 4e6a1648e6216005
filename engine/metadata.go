package engine

import (
	"fmt"
	"hash/crc32"
	"reflect"
	"strconv"

	"github.com/fxamacker/cbor/v2"

	"github.com/tlsward/tlsward/engine/archive"
	"github.com/tlsward/tlsward/provider"
)

// MetadataFile is where a verified rulebook keeps the YAML of its rules and providers as it is once decoded: made by `make generate`,
// since to decode YAML is half of what a run on one file costs. Of a file that has changed since, its YAML counts. Entries are CBOR.
const MetadataFile = "metadata.bin"

// metadataFormat goes into the sums: who changes how YAML is decoded makes all of them old.
const metadataFormat = "1"

func metadataSum(text []byte) string {
	sum := crc32.Update(crc32.Checksum([]byte(metadataFormat), metadataSums), metadataSums, text)
	return strconv.FormatUint(uint64(sum), 16)
}

// decodedFile is what the YAML of one file says.
type decodedFile struct {
	Annotations *annotations       `cbor:",omitempty"`
	Provider    *provider.Provider `cbor:",omitempty"`
}

var (
	metadataSums = crc32.MakeTable(crc32.Castagnoli)
	// metadataShape reads back the types that YAML is decoded into.
	metadataShape = func() cbor.DecMode {
		mode, err := cbor.DecOptions{DefaultMapType: reflect.TypeFor[map[string]any](), IntDec: cbor.IntDecConvertSignedOrFail}.DecMode()
		if err != nil {
			panic(err)
		}
		return mode
	}()
)

// decoded is what is known of a file with this text.
func (b *book) decoded(file string, text []byte) (d decodedFile, ok bool, err error) {
	if b.metadata == nil {
		return d, false, nil
	}
	entry, ok, err := b.metadata.Text(file, metadataSum(text))
	if !ok || err != nil {
		return d, false, err
	}
	if err := metadataShape.Unmarshal(entry, &d); err != nil {
		return d, false, fmt.Errorf("%s: %s: %w", MetadataFile, file, err)
	}
	return d, true, nil
}

// annotations are those of a rule.
func (b *book) annotations(file string, text []byte) (annotations, error) {
	d, ok, err := b.decoded(file, text)
	if err != nil {
		return annotations{}, err
	}
	if ok && d.Annotations != nil {
		return *d.Annotations, nil
	}
	return readAnnotations(string(text))
}

// provider is what a provider.yaml says.
func (b *book) provider(name, file string, text []byte) (provider.Provider, error) {
	d, ok, err := b.decoded(file, text)
	if err != nil {
		return provider.Provider{}, err
	}
	if ok && d.Provider != nil {
		return provider.Complete(name, *d.Provider)
	}
	return provider.Parse(name, text)
}

// Metadata is the content of MetadataFile, for the first rulebook.
func (e *Engine) Metadata() (string, error) {
	b := e.books[0]
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		return "", err
	}
	var entries []archive.Entry
	add := func(file string, text []byte, d decodedFile) error {
		entry, err := mode.Marshal(d)
		entries = append(entries, archive.Entry{Name: file, Version: metadataSum(text), Text: string(entry)})
		return err
	}
	for _, r := range b.rules {
		a, err := readAnnotations(string(r.text))
		if err != nil {
			return "", err
		}
		if err := add(r.file, r.text, decodedFile{Annotations: &a}); err != nil {
			return "", err
		}
	}
	for i := range b.providers {
		name := b.providers[i].Name
		file := name + "/provider.yaml"
		text, err := readBounded(b.FS, file)
		if err != nil {
			return "", err
		}
		p, err := provider.Decode(name, text)
		if err != nil {
			return "", err
		}
		if err := add(file, text, decodedFile{Provider: &p}); err != nil {
			return "", err
		}
	}
	return archive.Write(entries), nil
}
