package inventory

import (
	"fmt"
	"math"
	"reflect"
	"sync"
	"weak"

	"github.com/fxamacker/cbor/v2"
)

// packed holds the fields of an object as CBOR: as maps they take six times the memory, of which a cluster's Ingresses have a dozen each,
// and most are looked at once in hours. Safe for concurrent use.
type packed struct {
	text []byte

	mu sync.Mutex
	// read is what was unpacked last, for as long as the collector has not run: objects of one host look at each other again and again.
	read weak.Pointer[map[string]any]
}

var (
	packing = func() cbor.EncMode {
		mode, err := cbor.EncOptions{}.EncMode()
		if err != nil {
			panic(err)
		}
		return mode
	}()
	// Whatever was packed is unpacked: who sent it was bounded before.
	unpacking = func() cbor.DecMode {
		mode, err := cbor.DecOptions{
			DefaultMapType: reflect.TypeFor[map[string]any](), IntDec: cbor.IntDecConvertSignedOrFail, UTF8: cbor.UTF8DecodeInvalid,
			MaxNestedLevels: math.MaxUint16, MaxArrayElements: math.MaxInt32, MaxMapPairs: math.MaxInt32,
		}.DecMode()
		if err != nil {
			panic(err)
		}
		return mode
	}()
)

// pack reports false for what is not in JSON shape.
func (p *packed) pack(fields map[string]any) bool {
	text, err := packing.Marshal(fields)
	if err != nil || fields == nil {
		return false
	}
	p.text, p.read = text, weak.Make(&fields)
	return true
}

func (p *packed) fields() map[string]any {
	if p.text == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if read := p.read.Value(); read != nil {
		return *read
	}
	var fields map[string]any
	if err := unpacking.Unmarshal(p.text, &fields); err != nil {
		panic(fmt.Sprintf("an object that was packed cannot be unpacked: %v", err))
	}
	p.read = weak.Make(&fields)
	return fields
}
