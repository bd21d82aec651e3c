package main

import (
	"bytes"
	"errors"
	"fmt"
	"text/template"
	"time"

	"github.com/Masterminds/sprig/v3"
)

// maxOutput is what a Secret may hold; a template that writes more is stopped.
const maxOutput = 1 << 20

// rounds is how often each template is executed: Go walks a map in a random order, and what
// depends on that is no measure. What takes longer than slow is costly cryptography.
const (
	rounds = 3
	slow   = 50 * time.Millisecond
)

var errTooLong = errors.New("output is too long")

var functions = functionMap()

func functionMap() template.FuncMap {
	functions := template.FuncMap(sprig.GenericFuncMap())
	for _, name := range []string{"env", "expandenv", "getHostByName"} {
		delete(functions, name)
	}
	return functions
}

func render(request Request) Answer {
	start := time.Now()
	answer := renderOnce(request)
	if time.Since(start) > slow {
		return answer
	}
	for range rounds - 1 {
		again := renderOnce(request)
		if again.Phase != answer.Phase || !bytes.Equal(again.Out, answer.Out) {
			return Answer{Phase: "unstable"}
		}
	}
	return answer
}

func renderOnce(request Request) (answer Answer) {
	phase := "parse"
	defer func() {
		if panicked := recover(); panicked != nil {
			answer = Answer{Phase: "killed", Error: fmt.Sprint("panic: ", panicked)}
		}
	}()
	parsed, err := template.New(request.Name).Funcs(functions).Parse(request.Template)
	if err != nil {
		return Answer{Phase: phase, Error: err.Error()}
	}
	phase = "exec"
	var out limited
	err = parsed.Execute(&out, request.values())
	if errors.Is(err, errTooLong) {
		return Answer{Phase: "killed", Error: err.Error()}
	}
	if err != nil {
		return Answer{Phase: phase, Error: err.Error()}
	}
	return Answer{Phase: "ok", Out: out.Bytes()}
}

func (request Request) values() map[string]string {
	values := make(map[string]string, len(request.Data))
	for key, value := range request.Data {
		values[key] = string(value)
	}
	return values
}

type limited struct{ bytes.Buffer }

func (out *limited) Write(more []byte) (int, error) {
	if out.Len()+len(more) > maxOutput {
		return 0, errTooLong
	}
	return out.Buffer.Write(more)
}
