// Judges an exported log with Go's own implementation: golang.org/x/mod/sumdb/{note,tlog}.
//
//	judge DIR VERIFIER-KEY ORIGIN OLD-SIZE PROOFS-DIR
//
// DIR is a log in the layout of c2sp.org/tlog-tiles, a folder or the address of a server. Each entry of each bundle, and each proof file INDEX.tlog-proof,
// must be in the signed tree, and the tree of OLD-SIZE must be a beginning of it. Prints a summary, or exits 1.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type tiles struct{ dir string }

func (t tiles) Height() int { return 8 }

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		// x/mod writes the height into the path, tlog-tiles does not: there it is always 8.
		data, err := read(t.dir, strings.Replace(tile.Path(), "tile/8/", "tile/", 1))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func read(dir, path string) ([]byte, error) {
	if !strings.HasPrefix(dir, "http://") {
		return os.ReadFile(filepath.Join(dir, path))
	}
	response, err := http.Get(dir + "/" + path)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != 200 {
		return nil, fmt.Errorf("%s: %s", path, response.Status)
	}
	return io.ReadAll(response.Body)
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func head(signed []byte, key, origin string) tlog.Tree {
	verifier, err := note.NewVerifier(key)
	check(err)
	opened, err := note.Open(signed, note.VerifierList(verifier))
	check(err)
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != origin {
		check(fmt.Errorf("unexpected checkpoint %q", opened.Text))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root, err := tlog.ParseHash(lines[2])
	check(err)
	return tlog.Tree{N: size, Hash: root}
}

func bundle(dir string, n, size int64) [][]byte {
	path := fmt.Sprintf("tile/entries/%03d", n)
	if width := size - n*256; width < 256 {
		path += fmt.Sprintf(".p/%d", width)
	}
	data, err := read(dir, path)
	check(err)
	var entries [][]byte
	for len(data) > 0 {
		length := int(binary.BigEndian.Uint16(data))
		entries = append(entries, data[2:2+length])
		data = data[2+length:]
	}
	return entries
}

func proof(path, key, origin string, index int64, entry []byte) {
	data, err := os.ReadFile(path)
	check(err)
	front, signed, _ := strings.Cut(string(data), "\n\n")
	lines := strings.Split(front, "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" || lines[1] != fmt.Sprintf("index %d", index) {
		check(fmt.Errorf("unexpected proof %q", front))
	}
	var hashes tlog.RecordProof
	for _, line := range lines[2:] {
		raw, err := base64.StdEncoding.DecodeString(line)
		check(err)
		hashes = append(hashes, *(*tlog.Hash)(raw))
	}
	tree := head([]byte(signed), key, origin)
	check(tlog.CheckRecord(hashes, tree.N, tree.Hash, index, tlog.RecordHash(entry)))
}

func main() {
	dir, key, origin, proofs := os.Args[1], os.Args[2], os.Args[3], os.Args[5]
	old, err := strconv.ParseInt(os.Args[4], 10, 64)
	check(err)
	signed, err := read(dir, "checkpoint")
	check(err)
	tree := head(signed, key, origin)
	reader := tlog.TileHashReader(tree, tiles{dir})

	var count, proven int64
	for n := int64(0); n*256 < tree.N; n++ {
		for _, entry := range bundle(dir, n, tree.N) {
			record, err := tlog.ProveRecord(tree.N, count, reader)
			check(err)
			check(tlog.CheckRecord(record, tree.N, tree.Hash, count, tlog.RecordHash(entry)))
			path := fmt.Sprintf("%s/%d.tlog-proof", proofs, count)
			if _, err := os.Stat(path); err == nil {
				proof(path, key, origin, count, entry)
				proven++
			}
			count++
		}
	}
	if count != tree.N {
		check(fmt.Errorf("%d entries in the bundles of a tree of %d", count, tree.N))
	}
	oldRoot, err := tlog.TreeHash(old, reader)
	check(err)
	grown, err := tlog.ProveTree(tree.N, old, reader)
	check(err)
	check(tlog.CheckTree(grown, tree.N, tree.Hash, old, oldRoot))
	fmt.Printf("entries=%d proofs=%d old=%d:%x\n", count, proven, old, oldRoot[:])
}
