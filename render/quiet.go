package render

import (
	"io"
	"log"
	"os"
	"sync"
)

// quiet counts who is in quietly, and keeps what it took away.
var quiet struct {
	sync.Mutex
	inside int
	stderr *os.File
	log    io.Writer
	null   *os.File
}

// quietly calls into a library that tells of deprecated fields, once for each base of each overlay, on the standard error of
// the process or its standard logger, and lets nobody choose another place. A program that has something to say meanwhile
// says it on a stream that it holds.
func quietly[T any](f func() (T, error)) (T, error) {
	hush()
	defer speak()
	return f()
}

func hush() {
	quiet.Lock()
	defer quiet.Unlock()
	if quiet.inside++; quiet.inside > 1 {
		return
	}
	quiet.stderr, quiet.log = os.Stderr, log.Writer()
	if quiet.null == nil {
		quiet.null, _ = os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	}
	if quiet.null != nil {
		os.Stderr = quiet.null
	}
	log.SetOutput(io.Discard)
}

func speak() {
	quiet.Lock()
	defer quiet.Unlock()
	if quiet.inside--; quiet.inside == 0 {
		os.Stderr = quiet.stderr
		log.SetOutput(quiet.log)
	}
}
