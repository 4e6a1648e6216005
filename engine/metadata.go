package engine

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"reflect"

	"github.com/fxamacker/cbor/v2"

	"github.com/tlsward/tlsward/provider"
)

// MetadataFile is where a verified rulebook keeps the YAML of its rules and providers as it is once decoded: made by `make generate`,
// since to decode YAML is half of what a run on one file costs. Of a file that has changed since, its YAML counts.
const MetadataFile = "metadata.cbor"

// metadataFormat goes into the sums: who changes how YAML is decoded makes all of them old.
const metadataFormat = "1"

func metadataSum(text []byte) uint32 {
	return crc32.Update(crc32.Checksum([]byte(metadataFormat), metadataSums), metadataSums, text)
}

// decodedFile is what the YAML of one file says.
type decodedFile struct {
	// Sum is that of the file's text.
	Sum         uint32
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

// loadMetadata reads MetadataFile, and leaves each entry to who asks for it.
func (b *book) loadMetadata() (map[string]cbor.RawMessage, error) {
	if !b.Verified {
		return nil, nil
	}
	data, err := fs.ReadFile(b.FS, MetadataFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var files map[string]cbor.RawMessage
	if err := cbor.Unmarshal(data, &files); err != nil {
		return nil, fmt.Errorf("%s: %w", MetadataFile, err)
	}
	return files, nil
}

// decoded is what is known of a file with this text.
func (b *book) decoded(file string, text []byte) (d decodedFile, ok bool, err error) {
	entry, ok := b.metadata[file]
	if !ok {
		return d, false, nil
	}
	if err := metadataShape.Unmarshal(entry, &d); err != nil {
		return d, false, fmt.Errorf("%s: %s: %w", MetadataFile, file, err)
	}
	return d, d.Sum == metadataSum(text), nil
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
func (e *Engine) Metadata() ([]byte, error) {
	b := e.books[0]
	files := map[string]decodedFile{}
	for _, r := range b.rules {
		a, err := readAnnotations(string(r.text))
		if err != nil {
			return nil, err
		}
		files[r.file] = decodedFile{Sum: metadataSum(r.text), Annotations: &a}
	}
	for i := range b.providers {
		name := b.providers[i].Name
		file := name + "/provider.yaml"
		text, err := readBounded(b.FS, file)
		if err != nil {
			return nil, err
		}
		p, err := provider.Decode(name, text)
		if err != nil {
			return nil, err
		}
		files[file] = decodedFile{Sum: metadataSum(text), Provider: &p}
	}
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		return nil, err
	}
	return mode.Marshal(files)
}
