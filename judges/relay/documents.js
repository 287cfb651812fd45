// What a frontend built on Relay would declare; the compiler reads this file, nothing runs it.
import { graphql } from 'relay-runtime';

graphql`
  fragment documentsProducts on Query
  @argumentDefinitions(first: { type: "Int", defaultValue: 3 }, after: { type: "String" })
  @refetchable(queryName: "documentsProductsPageQuery") {
    products(first: $first, after: $after) @connection(key: "documentsProducts_products") {
      edges {
        node {
          slug
        }
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`;

graphql`
  query documentsShopQuery($first: Int!) {
    ...documentsProducts @arguments(first: $first)
  }
`;

graphql`
  fragment documentsVariant on ProductVariant @refetchable(queryName: "documentsVariantRefetchQuery") {
    sku
    availability {
      status
      available {
        quantity
      }
    }
  }
`;

graphql`
  query documentsVariantQuery($sku: String!) {
    productVariant(by: { sku: $sku }) {
      id
      ...documentsVariant
    }
  }
`;

graphql`
  query documentsNodesQuery($ids: [ID!]!) {
    nodes(ids: $ids) {
      __typename
      id
      ... on Product {
        slug
      }
    }
  }
`;

graphql`
  mutation documentsMakeCartMutation($input: CartCreateInput!) {
    cartCreate(input: $input) {
      ... on CartPayload {
        cart {
          id
          version
        }
      }
      ... on UserError {
        __typename
        code
      }
    }
  }
`;

graphql`
  subscription documentsWatchSubscription($sku: String!, $location: String!) {
    availabilityChanged(variants: [{ sku: $sku }], locations: [{ code: $location }]) {
      ... on AvailabilityChanged {
        availability {
          id
          available {
            quantity
          }
        }
      }
    }
  }
`;
