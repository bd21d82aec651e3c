package main

import (
	"os"
	"runtime/metrics"
	"time"
)

// maxMemory is what a template may take before this program ends itself: `until 1000000000` must
// not take the machine along.
const maxMemory = 2 << 30

func dieOfMemory() {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	for range time.Tick(20 * time.Millisecond) {
		metrics.Read(sample)
		if sample[0].Value.Uint64() > maxMemory {
			os.Exit(3)
		}
	}
}
