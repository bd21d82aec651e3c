package main

import (
	"bytes"
	"slices"
	"text/template"
	"time"
)

const (
	samples   = 51
	perSample = 4 * time.Millisecond
)

// Measure is the median time of parsing and rendering a template once: with the functions given to
// each template, as sealed-secrets does, and with functions given once to all.
type Measure struct {
	Name        string  `json:"name"`
	Nanoseconds float64 `json:"nanoseconds"`
	Shared      float64 `json:"shared"`
	Error       string  `json:"error,omitempty"`
}

func measure(request Request) Measure {
	values := request.values()
	renderWith := func(empty func() *template.Template) func() error {
		return func() error {
			parsed, err := empty().Parse(request.Template)
			if err != nil {
				return err
			}
			return parsed.Execute(new(bytes.Buffer), values)
		}
	}
	each := renderWith(func() *template.Template { return template.New(request.Name).Funcs(functions) })
	if err := each(); err != nil {
		return Measure{Name: request.Name, Error: err.Error()}
	}
	all := template.New("all").Funcs(functions)
	shared := renderWith(func() *template.Template { return all.New(request.Name) })
	return Measure{Name: request.Name, Nanoseconds: median(each), Shared: median(shared)}
}

func median(once func() error) float64 {
	count := countFor(once)
	times := make([]float64, samples)
	for i := range times {
		start := time.Now()
		for range count {
			_ = once()
		}
		times[i] = float64(time.Since(start).Nanoseconds()) / float64(count)
	}
	slices.Sort(times)
	return times[samples/2]
}

// countFor says how many runs fill one sample, after as many to warm up.
func countFor(once func() error) int {
	count, start := 0, time.Now()
	for time.Since(start) < perSample*5 {
		_ = once()
		count++
	}
	return max(count/5, 1)
}
