// Renders templates as Go does: the measure that crates/template is held against.
//
// It reads one JSON request a line from stdin and answers each with one line. With `bench` as its
// argument it times instead of rendering.
//
// Whoever starts it sets ZONEINFO, lest the machine's time zones become the measure.
//
// A template can kill this program (fmt overflows the stack on a dict that holds itself) or keep
// it busy for ever: whoever starts it watches over it, and starts it anew.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
)

// Request is a template and the values it sees. JSON has no bytes, so values are base64.
type Request struct {
	Name     string            `json:"name"`
	Template string            `json:"template"`
	Data     map[string][]byte `json:"data"`
}

// Answer says how far Go came: "parse" and "exec" name the step that failed, "killed" a template
// that had to be stopped, "unstable" one that renders differently each time.
type Answer struct {
	Phase string `json:"phase"`
	Out   []byte `json:"out"`
	Error string `json:"error,omitempty"`
}

// maxStack is far below Go's own limit of 1 GB, which takes a second to fill, and still leaves
// room for text/template's 100,000 nested calls.
const maxStack = 512 << 20

func main() {
	os.Setenv("TZ", "UTC")
	debug.SetMaxStack(maxStack)
	go dieOfMemory()
	work := func(request Request) any { return render(request) }
	if len(os.Args) > 1 && os.Args[1] == "bench" {
		work = func(request Request) any { return measure(request) }
	}
	if err := serve(work); err != nil {
		fmt.Fprintln(os.Stderr, "go-template:", err)
		os.Exit(1)
	}
}

func serve(work func(Request) any) error {
	requests := bufio.NewScanner(os.Stdin)
	requests.Buffer(nil, 64<<20)
	answers := json.NewEncoder(os.Stdout)
	for requests.Scan() {
		var request Request
		if err := json.Unmarshal(requests.Bytes(), &request); err != nil {
			return err
		}
		if err := answers.Encode(work(request)); err != nil {
			return err
		}
	}
	return requests.Err()
}
