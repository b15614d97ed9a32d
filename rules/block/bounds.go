package block

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/reconcilehq/reconcile/engine/fault"
)

// What a configuration can be. No shop's is near these bounds; without them a file that nobody wrote by hand takes all memory,
// or all time. docs/limits.md lists them.
const (
	MaxConfig    = 16 << 20 // bytes of one file
	MaxDepth     = 200      // brackets, braces and templates within one another
	MaxOperators = 5000     // operators, indexes and templates in one expression
)

// ErrStopped is returned where reading was to stop.
var ErrStopped = errors.New("interrupted")

// ReadFile returns the text of a file of the configuration. Such a file can be a pipe, for which one may wait for ever: closing
// stop ends the wait.
func ReadFile(name string, stop <-chan struct{}) ([]byte, error) {
	return readUntil(name, stop, ReadAll)
}

// ReadPipe returns what comes through a pipe, at most so many bytes. Closing stop ends the wait.
func ReadPipe(name string, most int64, stop <-chan struct{}) ([]byte, error) {
	return readUntil(name, stop, func(from io.Reader) ([]byte, error) { return io.ReadAll(io.LimitReader(from, most)) })
}

func readUntil(name string, stop <-chan struct{}, all func(io.Reader) ([]byte, error)) ([]byte, error) {
	type result struct {
		text []byte
		err  error
	}
	read := make(chan result, 1)
	fault.Go(func() { // which the program's end ends, if nobody writes to the pipe
		text, err := openAndRead(name, all)
		read <- result{text, err}
	})
	select {
	case r := <-read:
		return r.text, r.err
	case <-stop:
		return nil, ErrStopped
	}
}

func openAndRead(name string, all func(io.Reader) ([]byte, error)) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	return all(file)
}

// ReadAll reads the text of a configuration, and refuses one that is too large.
func ReadAll(from io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(from, MaxConfig+1))
	if err == nil && len(text) > MaxConfig {
		err = fmt.Errorf("it has more than %d MiB, which no configuration has (max_config)", MaxConfig>>20)
	}
	return text, err
}

// parse reads a file's blocks. What is too deep or too long is not parsed: the parser calls itself for each bracket.
func parse(name string, text []byte) (*hcl.File, hcl.Diagnostics) {
	if diags := checkBounds(name, text); diags.HasErrors() {
		return &hcl.File{Bytes: text, Body: &hclsyntax.Body{}}, diags
	}
	return hclsyntax.ParseConfig(text, name, hcl.InitialPos)
}

// checkBounds says where a text is deeper than MaxDepth, or an expression longer than MaxOperators.
func checkBounds(name string, text []byte) hcl.Diagnostics {
	tokens, _ := hclsyntax.LexConfig(text, name, hcl.InitialPos) // the parser says what is wrong with them
	depth, inParentheses, operators := 0, 0, 0
	for _, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenOParen, hclsyntax.TokenOBrack, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			depth++
			inParentheses++
			operators++
		case hclsyntax.TokenOBrace:
			depth++
		case hclsyntax.TokenCParen, hclsyntax.TokenCBrack, hclsyntax.TokenTemplateSeqEnd:
			depth--
			inParentheses--
		case hclsyntax.TokenCBrace:
			depth--
		case hclsyntax.TokenNewline:
			if inParentheses <= 0 {
				operators = 0 // the expression has ended
			}
		case hclsyntax.TokenAnd, hclsyntax.TokenOr, hclsyntax.TokenBang, hclsyntax.TokenPlus, hclsyntax.TokenMinus, hclsyntax.TokenStar, hclsyntax.TokenSlash,
			hclsyntax.TokenPercent, hclsyntax.TokenEqualOp, hclsyntax.TokenNotEqual, hclsyntax.TokenLessThan, hclsyntax.TokenLessThanEq,
			hclsyntax.TokenGreaterThan, hclsyntax.TokenGreaterThanEq, hclsyntax.TokenQuestion, hclsyntax.TokenDot:
			operators++
		}
		switch {
		case depth > MaxDepth:
			return hcl.Diagnostics{Mistake(t.Range, "Too deep", "Here %d brackets, braces and templates stand within one another (max_depth). Name a part of it in a locals block.", depth)}
		case operators > MaxOperators:
			return hcl.Diagnostics{Mistake(t.Range, "Expression is too long", "Up to here it has %d operators (max_operators). Name parts of it in a locals block, compare with a list by contains, or write several rules.", operators)}
		}
	}
	return nil
}

// unreadable is the diagnostic for a file that cannot be read.
func unreadable(name string, err error) *hcl.Diagnostic {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Configuration cannot be read", Detail: fmt.Sprintf("Cannot read %s: %v.", name, err)}
}
