// Writes crates/template/src/funcs/runes/tables.rs: what Go's package unicode knows, for the Go that runs this.
//
//	go run scripts/go-runes.go > crates/template/src/funcs/runes/tables.rs
package main

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

func main() {
	fmt.Printf("//! Unicode %s as Go has it. Written by scripts/go-runes.go; do not edit.\n", unicode.Version)
	fmt.Println("//!\n//! A set is a list of distances: to its first character, from there to the first that is outside,\n//! from there to the next that is inside, and so on.")
	set("UPPER", "`unicode.IsUpper`", unicode.IsUpper)
	set("LOWER", "`unicode.IsLower`", unicode.IsLower)
	set("TITLE", "`unicode.IsTitle`", unicode.IsTitle)
	set("NUMBER", "`unicode.IsNumber`", unicode.IsNumber)
	set("PUNCT", "`unicode.IsPunct`", unicode.IsPunct)
	cases()
}

func set(name, doc string, in func(rune) bool) {
	var steps []string
	last, inside := rune(0), false
	for r := rune(0); r <= unicode.MaxRune+1; r++ {
		if now := r <= unicode.MaxRune && in(r); now != inside {
			steps = append(steps, strconv.Itoa(int(r-last)))
			last, inside = r, now
		}
	}
	fmt.Printf("\n/// %s\n#[rustfmt::skip]\npub(super) static %s: &[u32] = &[\n", doc, name)
	lines(steps)
	fmt.Println("];")
}

// Runs of characters, one or two apart, whose upper, lower and title cases are as far away.
func cases() {
	type row struct{ first, last, step, upper, lower, title rune }
	var rows []row
	for r := rune(0); r <= unicode.MaxRune; r++ {
		now := row{r, r, 1, unicode.ToUpper(r) - r, unicode.ToLower(r) - r, unicode.ToTitle(r) - r}
		if now.upper == 0 && now.lower == 0 && now.title == 0 {
			continue
		}
		joined := false
		for back := 1; back <= 2 && back <= len(rows) && !joined; back++ {
			old := &rows[len(rows)-back]
			step := r - old.last
			if step <= 2 && (old.first == old.last || old.step == step) &&
				old.upper == now.upper && old.lower == now.lower && old.title == now.title {
				old.last, old.step, joined = r, step, true
			}
		}
		if !joined {
			rows = append(rows, now)
		}
	}
	var texts []string
	for _, r := range rows {
		texts = append(texts, fmt.Sprintf("(%d, %d, %d, %d, %d, %d)", r.first, r.last, r.step, r.upper, r.lower, r.title))
	}
	fmt.Println("\n/// First character, last, distance between two; what to add for the upper, lower and title case.\n#[rustfmt::skip]\npub(super) static CASES: &[(u32, u32, u32, i32, i32, i32)] = &[")
	lines(texts)
	fmt.Println("];")
}

func lines(items []string) {
	line := "   "
	for _, item := range items {
		if len(line)+len(item)+2 > 100 {
			fmt.Println(line)
			line = "   "
		}
		line += " " + item + ","
	}
	fmt.Println(strings.TrimRight(line, " "))
}
