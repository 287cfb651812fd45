// What one tab gives to the next: the cart that was made last. `{{cartId}}` and `{{cartToken}}` in the variables and
// headers of any tab stand for it, so that a cart can be ordered without copying its token by hand.
import { storage } from "./storage.js";

const STORAGE_KEY = "graphiql:carriedCart";
const PLACEHOLDER = /\{\{(cartId|cartToken)\}\}/g;

export function remember(result) {
  for (const payload of Object.values(result?.data ?? {})) {
    if (payload?.cartToken && payload.cart?.id) {
      const carried = { cartId: payload.cart.id, cartToken: payload.cartToken };
      storage.setItem(STORAGE_KEY, JSON.stringify(carried));
    }
  }
}

/** Returns a copy of `value` with its placeholders filled in, and the names of those that nothing is known for. */
export function fillIn(value) {
  const carried = JSON.parse(storage.getItem(STORAGE_KEY) ?? "{}");
  const missing = new Set();
  const fill = (part) => {
    if (typeof part === "string") {
      return part.replace(PLACEHOLDER, (placeholder, name) => {
        if (!(name in carried)) missing.add(name);
        return carried[name] ?? placeholder;
      });
    }
    if (Array.isArray(part)) return part.map(fill);
    if (part !== null && typeof part === "object") {
      return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, fill(item)]));
    }
    return part;
  };
  return { filled: fill(value), missing: [...missing] };
}
