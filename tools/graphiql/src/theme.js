// Monaco paints its own widgets and knows no CSS variables; these are the colors of oneshelf.css again.
import * as monaco from "monaco-graphql/esm/monaco-editor.js";

const PALETTES = {
  light: {
    base: "vs", text: "#334155", accent: "#0f766e", panel: "#ffffff", selection: "#0f766e1f", input: "#33415511",
    keyword: "0f766e", name: "1d4ed8", argument: "7c5e10", string: "b4532a", number: "6d28d9", comment: "7b8794",
  },
  dark: {
    base: "vs-dark", text: "#cbd5e1", accent: "#5eead4", panel: "#1b2430", selection: "#5eead422", input: "#cbd5e111",
    keyword: "5eead4", name: "93c5fd", argument: "e7cf8b", string: "f3a683", number: "c4b5fd", comment: "7f8ea3",
  },
};

const colors = ({ text, accent, panel, selection, input }) => ({
  "editor.background": "#ffffff00",
  "scrollbar.shadow": "#ffffff00",
  "textLink.foreground": accent,
  "textLink.activeForeground": accent,
  "editorLink.activeForeground": accent,
  "editorHoverWidget.background": panel,
  "editorWidget.background": panel,
  "editorWidget.resizeBorder": accent,
  "editorSuggestWidget.background": panel,
  "editorSuggestWidget.foreground": text,
  "editorSuggestWidget.selectedBackground": selection,
  "editorSuggestWidget.selectedForeground": text,
  "editorSuggestWidget.selectedIconForeground": accent,
  "editorBracketHighlight.foreground1": text,
  "editorBracketHighlight.foreground2": text,
  "editorBracketHighlight.foreground3": text,
  "menu.background": panel,
  "menu.selectionBackground": selection,
  "menu.selectionForeground": accent,
  "quickInput.background": panel,
  "quickInputList.focusBackground": selection,
  "list.hoverBackground": selection,
  "list.highlightForeground": accent,
  "list.focusHighlightForeground": accent,
  "pickerGroup.foreground": accent,
  "toolbar.hoverBackground": selection,
  "inputOption.hoverBackground": selection,
  "input.background": input,
  focusBorder: accent,
});

const rules = ({ text, keyword, name, argument, string, number, comment }) => [
  { token: "key.identifier.gql", foreground: text.slice(1) },
  { token: "keyword.gql", foreground: keyword },
  { token: "type.identifier.gql", foreground: name },
  { token: "argument.identifier.gql", foreground: argument },
  { token: "string.gql", foreground: string },
  { token: "number.gql", foreground: number },
  { token: "comment.gql", foreground: comment },
  { token: "string.key.json", foreground: name },
  { token: "string.value.json", foreground: string },
  { token: "number.json", foreground: number },
  { token: "keyword.json", foreground: keyword },
];

export const editorTheme = { light: "oneshelf-light", dark: "oneshelf-dark" };

export function defineEditorThemes() {
  for (const [mode, palette] of Object.entries(PALETTES)) {
    monaco.editor.defineTheme(editorTheme[mode], {
      base: palette.base,
      inherit: true,
      colors: colors(palette),
      rules: rules(palette),
    });
  }
}
